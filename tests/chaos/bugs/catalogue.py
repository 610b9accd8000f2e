"""All seeded bugs. Each is what somebody could write on a bad day."""

from tests.chaos.bugs import of_feed, of_service, of_storing
from tests.chaos.bugs.bug import Bug

BUGS: tuple[Bug, ...] = (*of_storing.BUGS, *of_feed.BUGS, *of_service.BUGS)
