"""All ways, in the order of the table."""
from . import ways_ddl, ways_objects, ways_rows, ways_statements, ways_types

WAYS = [*ways_rows.WAYS, *ways_types.WAYS, *ways_statements.WAYS, *ways_ddl.WAYS, *ways_objects.WAYS]

_names = [way.name for way in WAYS]
assert len(set(_names)) == len(_names), f"ways of the same name: {sorted(name for name in _names if _names.count(name) > 1)}"
