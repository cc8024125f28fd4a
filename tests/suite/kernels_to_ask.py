"""A kernel of either kind to run code in, for tests: what it prints, displays and raises."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from queue import Empty

from jupyter_client.manager import KernelManager

SECONDS = 60
BOTH = ("liantu", "python3")


@dataclass
class Ran:
    """What one cell gave."""

    stdout: str = ""
    stderr: str = ""
    error: str = ""
    value: str = ""
    data: list = field(default_factory=list)


@dataclass
class Kernel:
    manager: KernelManager
    client: object

    @property
    def process(self):
        return self.manager.provisioner.process

    def send(self, code, **options):
        return self.client.execute(code, **options)

    def result(self, message) -> Ran:
        ran = Ran()
        while True:
            got = self.client.get_iopub_msg(timeout=SECONDS)
            if got["parent_header"].get("msg_id") != message:
                continue
            kind, content = got["msg_type"], got["content"]
            if kind == "stream":
                setattr(ran, content["name"], getattr(ran, content["name"]) + content["text"])
            elif kind == "error":
                ran.error, ran.value = content["ename"], content["evalue"]
            elif kind in ("display_data", "execute_result"):
                ran.data.append(content["data"])
            elif kind == "status" and content["execution_state"] == "idle":
                return ran

    def run(self, code) -> Ran:
        return self.result(self.send(code))


@contextlib.contextmanager
def kernel(name="liantu", **options):
    manager = KernelManager(kernel_name=name)
    manager.start_kernel(**options)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=SECONDS)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        with contextlib.suppress(RuntimeError, Empty):
            manager.shutdown_kernel(now=True)
