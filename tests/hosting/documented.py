"""What each hosting place documents of the fields that we use: anything else is a mistake.

Written in our words from the places' own references, as they were in August 2026; each table names
its own. Five of them publish a schema too: `make places` asks for those.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string", "minLength": 1}
FLAG: Schema = {"type": "boolean"}
PATH: Schema = {"type": "string", "pattern": "^/"}
DURATION: Schema = {"type": "string", "pattern": "^[0-9]+(ms|s|m|h)$"}


def _whole(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


def _one_of(*values: object) -> Schema:
    return {"enum": list(values)}


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def _table(fields: Mapping[str, Schema], *, required: Sequence[str] = ()) -> Schema:
    """Nothing but these fields."""
    return {
        "type": "object",
        "properties": dict(fields),
        "required": list(required),
        "additionalProperties": False,
    }


def _by_name(item: Schema) -> Schema:
    return {"type": "object", "additionalProperties": item}


# devcenter.heroku.com/articles/app-json-schema. Heroku's own program for deployments refuses every
# other field (heroku/heroku-mcp-server, src/utils/app-json.schema.json).
APP_JSON = _table(
    {
        "name": {"type": "string", "minLength": 3, "maxLength": 30},
        "description": TEXT,
        "keywords": _list(TEXT),
        "stack": _one_of("heroku-22", "heroku-24", "heroku-26", "container"),
        "addons": _list(_table({"plan": {"type": "string", "pattern": "^[a-z-]+:[a-z0-9-]+$"}})),
        "formation": _by_name(
            _table(
                {
                    "quantity": _whole(0, 100),
                    "size": _one_of("eco", "basic", "standard-1x", "standard-2x"),
                },
                required=["quantity"],
            )
        ),
        "env": _by_name(
            _table(
                {
                    "description": TEXT,
                    "required": FLAG,
                    "value": TEXT,
                    "generator": _one_of("secret"),
                }
            )
        ),
    },
    required=["name"],
)

# dokku.com/docs/appendices/file-formats/app-json. No `buildpacks`: Dokku would build with them, and
# not with the Dockerfile.
DOKKU = _table(
    {
        "formation": _by_name(_table({"quantity": _whole(0, 100)}, required=["quantity"])),
        "healthchecks": _by_name(
            _list(
                _table(
                    {
                        "type": _one_of("startup", "liveness", "readiness"),
                        "name": TEXT,
                        "description": TEXT,
                        "path": PATH,
                        "attempts": _whole(1, 100),
                        "timeout": _whole(1, 600),
                        "wait": _whole(0, 600),
                    },
                    required=["type"],
                )
            )
        ),
    }
)

# render.com/docs/blueprint-spec, /docs/compute-plans, /docs/disks. Plans have identifiers since
# August 2026; `starter` and the like go on working (render-oss/skills on compute plans, and the
# plans in clients that are generated from Render's API). That a disk and a delay of the shutdown
# exclude each other is in no schema: Render says it when the Blueprint is applied.
RENDER = _table(
    {
        "services": _list(
            _table(
                {
                    "type": _one_of("web", "worker", "pserv", "cron"),
                    "name": TEXT,
                    "runtime": _one_of("python", "docker", "image"),
                    # The free plan has no disk, and sleeps.
                    "plan": _one_of("0.5c-512mb", "1c-2g", "2c-4g"),
                    "buildCommand": TEXT,
                    "startCommand": TEXT,
                    "healthCheckPath": PATH,
                    "numInstances": _whole(1, 100),
                    "disk": _table(
                        {"name": TEXT, "mountPath": PATH, "sizeGB": _whole(1, 1000)},
                        required=["name", "mountPath"],
                    ),
                    "envVars": _list(
                        {
                            **_table(
                                {
                                    "key": {"type": "string", "pattern": "^[A-Z][A-Z0-9_]*$"},
                                    "value": {"type": ["string", "number"]},
                                    "sync": _one_of(False),
                                    "generateValue": _one_of(True),
                                },
                                required=["key"],
                            ),
                            # One source for each.
                            "minProperties": 2,
                            "maxProperties": 2,
                        }
                    ),
                },
                required=["type", "name", "runtime", "startCommand"],
            )
        )
    },
    required=["services"],
)

# docs.railway.com/config-as-code/reference; fields that it leaves out, and that seconds are numbers
# (the examples there are text, which is refused), are from railway.com/railway.schema.json.
RAILWAY = _table(
    {
        "$schema": _one_of("https://railway.com/railway.schema.json"),
        "build": _table(
            {"builder": _one_of("RAILPACK", "DOCKERFILE"), "dockerfilePath": TEXT},
            required=["builder"],
        ),
        "deploy": _table(
            {
                "startCommand": TEXT,
                "healthcheckPath": PATH,
                "healthcheckTimeout": _whole(1, 3600),
                "numReplicas": _whole(1, 200),
                "overlapSeconds": _whole(0, 3600),
                "drainingSeconds": _whole(0, 3600),
                "sleepApplication": FLAG,
                "requiredMountPath": PATH,
                "restartPolicyType": _one_of("ON_FAILURE", "ALWAYS", "NEVER"),
            }
        ),
    },
    required=["build", "deploy"],
)

# fly.io/docs/reference/configuration, and www.schemastore.org/fly.json.
FLY = _table(
    {
        "app": {"type": "string", "pattern": "^[a-z0-9][a-z0-9-]*$"},
        "primary_region": {"type": "string", "pattern": "^[a-z]{3}$"},
        "kill_signal": _one_of("SIGINT", "SIGTERM"),
        "kill_timeout": DURATION,
        "swap_size_mb": _whole(0, 8192),
        "build": _table({"dockerfile": TEXT, "build-target": TEXT}),
        "env": _by_name({"type": "string"}),
        "mounts": _table(
            {"source": TEXT, "destination": PATH, "initial_size": TEXT},
            required=["source", "destination"],
        ),
        "deploy": _table({"strategy": _one_of("canary", "rolling", "bluegreen", "immediate")}),
        "http_service": _table(
            {
                "internal_port": _whole(1, 65535),
                "force_https": FLAG,
                "auto_stop_machines": _one_of("off", "stop", "suspend"),
                "auto_start_machines": FLAG,
                "min_machines_running": _whole(0, 100),
                "checks": _list(
                    _table(
                        {
                            "method": _one_of("GET", "HEAD"),
                            "path": PATH,
                            "interval": DURATION,
                            "timeout": DURATION,
                            "grace_period": DURATION,
                        }
                    )
                ),
            },
            required=["internal_port"],
        ),
        "vm": _list(
            _table(
                {
                    "size": _one_of("shared-cpu-1x", "shared-cpu-2x"),
                    "memory": {"type": "string", "pattern": "^[0-9]+mb$"},
                }
            )
        ),
    },
    required=["app", "http_service"],
)

# docs.docker.com/reference/compose-file, and compose-spec.json of github.com/compose-spec.
_SERVICE = _table(
    {
        "build": TEXT,
        "image": TEXT,
        "restart": _one_of("no", "always", "on-failure", "unless-stopped"),
        "env_file": TEXT,
        "environment": _by_name({"type": "string"}),
        "ports": _list(TEXT),
        "volumes": _list({"type": "string", "pattern": "^[a-z]+:/"}),
        "depends_on": _by_name(
            _table({"condition": _one_of("service_started", "service_healthy")})
        ),
        "read_only": FLAG,
        "tmpfs": _list(PATH),
        "cap_drop": _list(TEXT),
        "security_opt": _list(TEXT),
        "stop_grace_period": DURATION,
        "mem_limit": {"type": "string", "pattern": "^[0-9]+m$"},
        "healthcheck": _table(
            {
                "test": _list(TEXT),
                "interval": DURATION,
                "timeout": DURATION,
                "retries": _whole(1, 100),
            },
            required=["test"],
        ),
    }
)

COMPOSE = _table(
    {"name": TEXT, "services": _by_name(_SERVICE), "volumes": _by_name({"type": "null"})},
    required=["services"],
)
