"""The WhatsApp side of the world, locally: Meta's Graph API, a phone to hold, a mailbox and a shop page."""

from providers.simulator.config import NumberConfig, SimulatorConfig
from providers.simulator.history import PastMessage
from providers.simulator.simulator import Simulator, create_simulator

__all__ = ["NumberConfig", "PastMessage", "Simulator", "SimulatorConfig", "create_simulator"]
