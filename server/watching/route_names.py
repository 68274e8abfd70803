"""The routes of an application by the paths asked for: few, whatever is asked."""

from werkzeug.routing import Map

UNKNOWN_ROUTE = "unknown"


class RouteNames:
    def __init__(self, url_map: Map) -> None:
        rules = [rule.rule for rule in url_map.iter_rules()]
        exact = [rule for rule in rules if "<" not in rule]
        self._exact = {path: rule for rule in exact for path in (rule, f"{rule.rstrip('/')}/")}
        self._prefixes = [(rule.partition("<")[0], rule) for rule in rules if "<" in rule]

    def of(self, path: str) -> str:
        return self._exact.get(path) or self._by_prefix(path)

    def _by_prefix(self, path: str) -> str:
        return next(
            (rule for prefix, rule in self._prefixes if path.startswith(prefix)), UNKNOWN_ROUTE
        )
