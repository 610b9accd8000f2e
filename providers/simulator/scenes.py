"""Pictures that the crowd sends: a parcel, a receipt, a colour, a room, drawn on the spot and plainly a demo."""

from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw

SIZE = (640, 480)
COLORS = ("#6d8f73", "#7a86b8", "#b98a5e", "#a96f77", "#5f93a0", "#8d7aa8")


@lru_cache(maxsize=64)
def scene(kind: str, variant: int) -> bytes:
    """A JPEG of 640 by 480 pixels; an unknown kind is a plain colour."""
    color = COLORS[variant % len(COLORS)]
    image = Image.new("RGB", SIZE, "#e9e6e0")
    _DRAWN.get(kind, _swatch)(ImageDraw.Draw(image), color, variant)
    out = BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()


def _parcel(pen: ImageDraw.ImageDraw, color: str, variant: int) -> None:
    pen.rectangle((0, 330, 640, 480), fill="#cfc8bc")
    pen.polygon(((150, 150), (330, 100), (500, 150), (320, 210)), fill="#d9b98a")
    pen.polygon(((150, 150), (320, 210), (320, 400), (150, 330)), fill="#c29e6b")
    pen.polygon(((500, 150), (320, 210), (320, 400), (500, 330)), fill="#ad8a58")
    tear = [(360, 200), (376, 240), (352, 268), (384, 300), (362, 340 + variant % 30)]
    pen.line(tear, fill="#3b2d18", width=7, joint="curve")
    pen.rectangle((178, 230, 270, 292), fill="#f7f4ee")
    _label(pen, (190, 246))


def _receipt(pen: ImageDraw.ImageDraw, color: str, variant: int) -> None:
    pen.rectangle((0, 0, 640, 480), fill=color)
    pen.rectangle((200, 40, 440, 450), fill="#fdfcf9")
    _label(pen, (290, 60))
    for row in range(7):
        top = 110 + row * 36
        pen.rectangle((225, top, 225 + 80 + (variant * 13 + row * 29) % 60, top + 9), fill="#b8b2a7")
        pen.rectangle((375, top, 415, top + 9), fill="#8f897e")
    for top in (375, 405):
        pen.rectangle((225, top, 415, top + 13), fill="#b13b3b")


def _swatch(pen: ImageDraw.ImageDraw, color: str, variant: int) -> None:
    pen.rectangle((110, 80, 530, 400), fill=color)
    _label(pen, (300, 420))


def _room(pen: ImageDraw.ImageDraw, color: str, variant: int) -> None:
    pen.rectangle((0, 340, 640, 480), fill="#b99f7c")
    pen.rectangle((60, 60, 240, 230), fill="#cfe0ea", outline="#ffffff", width=10)
    pen.rounded_rectangle((90, 270, 420, 400), radius=28, fill=color)
    pen.line(((510, 180), (510, 400)), fill="#4b4438", width=8)
    pen.polygon(((460, 180), (560, 180), (535, 100), (485, 100)), fill="#f2d789")
    _label(pen, (300, 445))


def _label(pen: ImageDraw.ImageDraw, at: tuple[int, int]) -> None:
    pen.text(at, "DEMO", fill="#6b655a", font_size=26)


_DRAWN = {"parcel": _parcel, "receipt": _receipt, "swatch": _swatch, "room": _room}
