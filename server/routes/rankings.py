"""GET /rankings/{model_handle}: what a model ranks for everybody, or for all of a group."""

from typing import Any

from pydantic import BaseModel, Field

from server.http.schemas import RankingAnswer
from server.lookup.group_rankings import ranking_of
from server.routes.description import blueprint, problems
from server.service import service

routes = blueprint(__name__, "rankings")


class RankingPath(BaseModel):
    model_handle: str = Field(description="A model that ranks for everybody or for groups.")


class RankingQuery(BaseModel):
    group: str | None = Field(
        None,
        description="`level/NAME` or `tag/NAME` of courses, `segment/COLUMN/VALUE` of the table "
        "`users`, or `interest/TAG` for who follows the tag, as the model has them, in whatever "
        "case; everybody without.",
    )


@routes.get("/rankings/<model_handle>", responses={200: RankingAnswer, **problems(404, 422, 503)})
def ranking(path: RankingPath, query: RankingQuery) -> dict[str, Any]:
    """What a model ranks for everybody, for a level, for a tag or for a segment of users

    Of a level or a tag the best courses that are of it; of a segment what the model makes of its
    users; without a group the whole ranking, where it has one. What a user has seen is still in it.
    """
    known = service()
    return known.live_view.read(
        known.tenant, lambda live: ranking_of(live, path.model_handle, query.group)
    )
