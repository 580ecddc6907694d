"""The peer: Debian's Alertmanager doing the work of `benchmarks.sink`.

One Slack receiver a channel, `group_wait` 0, and one alert that is routed to all of them.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from benchmarks.process import Meter, Taken, await_port, free_port

PROGRAM = "prometheus-alertmanager"


@dataclass(frozen=True, slots=True)
class Peer:
    """`began` by the wall clock: when the alert was handed over."""

    began: float
    meter: Meter
    process: subprocess.Popen[bytes]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    def taken(self, ended: float) -> Taken:
        return self.meter.between(self.began, ended)


def is_installed() -> bool:
    return shutil.which(PROGRAM) is not None


def start(folder: Path, sink: str, channels: int) -> Peer:
    """Started, configured, and told of the crossing."""
    config = folder / "alertmanager.json"
    names = [f"c{number}" for number in range(channels)]
    routes = [{"receiver": name, "continue": True} for name in names]
    receivers = [
        {
            "name": name,
            "slack_configs": [{"api_url": f"{sink}/hook/{name}", "channel": f"#{name}"}],
        }
        for name in names
    ]
    # JSON is YAML too.
    route = {"receiver": names[0], "group_wait": "0s", "group_interval": "5m", "routes": routes}
    config.write_text(json.dumps({"route": route, "receivers": receivers}))
    port = free_port()
    process = subprocess.Popen(
        [
            PROGRAM,
            f"--config.file={config}",
            f"--storage.path={folder}/peer",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    meter = Meter(process.pid)
    await_port(port, 60)
    time.sleep(2)
    alert = [{"labels": {"alertname": "crossing"}, "annotations": {"summary": "4.10%"}}]
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/api/v2/alerts",
        json.dumps(alert).encode(),
        {"Content-Type": "application/json"},
    )
    began = time.time()
    with urllib.request.urlopen(request, timeout=60) as answer:
        answer.read()
    return Peer(began, meter, process)
