"""What a simulator is started with."""

import msgspec


class NumberConfig(msgspec.Struct, kw_only=True):
    """One business number; the secrets are those that the hub's channel holds too.

    `webhook_url` may be absolute, or a path below the hub's address.
    """

    phone_number_id: str
    waba_id: str
    display_phone_number: str
    name: str
    access_token: str
    app_secret: str
    verify_token: str
    webhook_url: str


class SimulatorConfig(msgspec.Struct, kw_only=True):
    """Settings; times are seconds.

    `state_path` is the journal that lets conversations and the record survive a restart (None keeps them in memory);
    media bytes lie beside it. `smtp_port` 0 takes any free port and None turns mail off. `public_url` is only needed
    when a proxy hides the address under which the simulator is reached.
    """

    hub_url: str = "http://127.0.0.1:8000"
    state_path: str | None = None
    numbers: list[NumberConfig] = []
    site_channel_id: str | None = None
    demo_customers: bool = True
    smtp_host: str = "127.0.0.1"
    smtp_port: int | None = 0
    public_url: str | None = None
    status_delay: float = 0.05
    webhook_timeout: float = 10.0
    retry_first: float = 1.0
    retry_most: float = 60.0
    retry_attempts: int = 100
    media_url_seconds: float = 300.0
    hang_seconds: float = 120.0
