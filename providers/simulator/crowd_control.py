"""The crowd by JSON, as `control` describes it."""

from typing import Annotated

import msgspec
from litestar import Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from providers.simulator.crowd import Crowd, CrowdPlan, CrowdStatus


class CrowdPatch(msgspec.Struct, kw_only=True):
    rate: Annotated[float, msgspec.Meta(ge=1, le=600)] | None = None
    paused: bool | None = None


@get()
async def read_crowd(crowd: NamedDependency[Crowd]) -> CrowdStatus:
    return crowd.status()


@post()
async def bring_crowd(data: JSONBody[CrowdPlan], crowd: NamedDependency[Crowd]) -> CrowdStatus:
    return await crowd.start(data)


@patch()
async def change_crowd(data: JSONBody[CrowdPatch], crowd: NamedDependency[Crowd]) -> CrowdStatus:
    return crowd.change(rate=data.rate, paused=data.paused)


@delete(status_code=204)
async def end_crowd(crowd: NamedDependency[Crowd]) -> None:
    await crowd.stop()


def crowd_router() -> Router:
    return Router("/crowd", route_handlers=[read_crowd, bring_crowd, change_crowd, end_crowd])
