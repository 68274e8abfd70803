"""/explorer: look at users, models and generations before you trust them."""

from server.explorer import (
    courses,
    doing,
    generations,
    last_night,
    models,
    operations,
    pictures,
    signing_in,
    trying,
    users,
)
from server.explorer.blueprint import routes

__all__ = [
    "courses",
    "doing",
    "generations",
    "last_night",
    "models",
    "operations",
    "pictures",
    "routes",
    "signing_in",
    "trying",
    "users",
]
