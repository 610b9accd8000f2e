"""Failpoints act where they were armed, and nowhere else."""

import signal
import subprocess
import sys

import pytest

from hub.core.failpoints import Reached, parse, reach
from hub.core.settings import SettingsError, load

PRODUCTION = {
    "HUB_ENVIRONMENT": "production", "HUB_SECRET_KEY": "k" * 48, "HUB_DATABASE_URL": "postgresql://host/name",
    "HUB_PUBLIC_URL": "https://hub.example",
}


def test_nothing_happens_where_nothing_is_armed() -> None:
    reach("commit.before")


def test_a_point_acts_at_the_passage_it_names() -> None:
    point = parse("commit.before=raise:2")["commit.before"]
    point.act()
    with pytest.raises(Reached):
        point.act()
    point.act()


def test_a_point_without_a_number_acts_at_every_passage() -> None:
    point = parse("send.after=raise")["send.after"]
    for _ in range(2):
        with pytest.raises(Reached):
            point.act()


def test_several_points_are_armed_apart_by_spaces() -> None:
    assert set(parse("commit.before=kill:3 send.after=sleep:0.5")) == {"commit.before", "send.after"}


@pytest.mark.parametrize("text", ["commit.before", "commit.before=die", "commit.before=kill:x", "send.after=sleep:"])
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(text)


def test_an_armed_process_dies_by_the_signal() -> None:
    code = "from hub.core.failpoints import reach; reach('other'); reach('here'); print('alive')"
    ended = subprocess.run(
        [sys.executable, "-c", code], env={"HUB_FAILPOINTS": "here=kill"}, capture_output=True, check=False
    )
    assert ended.returncode == -signal.SIGKILL
    assert ended.stdout == b""


def test_production_refuses_to_start_with_one() -> None:
    assert load(PRODUCTION).failpoints == ""
    with pytest.raises(SettingsError, match="HUB_FAILPOINTS"):
        load(PRODUCTION | {"HUB_FAILPOINTS": "commit.before=kill"})
