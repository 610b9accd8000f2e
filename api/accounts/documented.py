"""How the refusals of these routes are described in the OpenAPI document."""

from litestar.openapi.datastructures import ResponseSpec

from api.errors import MEDIA_TYPE, Problem

MEANING = {
    400: "Not JSON, or not UTF-8",
    401: "Nobody is signed in, or the credentials are wrong",
    403: "Not allowed",
    404: "Not there, or in another organization",
    409: "Does not fit the present state",
    413: "Larger than may be sent here",
    422: "The input is wrong",
    429: "Too many attempts; see Retry-After",
    503: "The database cannot be reached; see Retry-After",
}


def refusals(*statuses: int) -> dict[int, ResponseSpec]:
    """Problem answers with these statuses."""
    return {
        status: ResponseSpec(
            Problem, generate_examples=False, description=MEANING[status], media_type=MEDIA_TYPE,
        )
        for status in statuses
    }
