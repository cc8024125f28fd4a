"""`liantu lab`: a real JupyterLab in a real browser opens a notebook with a warm kernel, runs all its cells and shows the figure."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request

import pytest

from liantu.reference.folders import notebooks_root
from liantu.suite.kernels import forks, lab

SECONDS = 90
NOTEBOOK = "20_chain_overview.ipynb"


def test_the_command_opens_the_notebooks_and_takes_more_arguments():
    line = lab.command(arguments=["--no-browser"])
    assert line[1:3] == ["-m", "jupyterlab"] and f"--ServerApp.root_dir={notebooks_root()}" in line and line[-1] == "--no-browser"


def test_in_the_lab_the_notebooks_own_kernel_is_the_warm_one(monkeypatch):
    from jupyter_client.kernelspec import KernelSpecManager

    monkeypatch.setenv("JUPYTER_PATH", lab.environment()["JUPYTER_PATH"])
    spec = KernelSpecManager().get_kernel_spec("python3")
    assert "liantu" in spec.display_name and spec.metadata["kernel_provisioner"]["provisioner_name"] == "liantu-warm"


def test_a_missing_folder_is_named(tmp_path):
    from liantu.errors import LiantuError

    with pytest.raises(LiantuError, match="nowhere"):
        lab.open_lab(tmp_path / "nowhere")


@pytest.fixture
def server(small_data, tmp_path):
    """Address and token of a JupyterLab on a copy of the notebooks, with folders of its own."""
    root = tmp_path / "notebooks"
    shutil.copytree(notebooks_root(), root)
    token = secrets.token_hex(16)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {**lab.environment(), "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"), "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
           "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "workspaces"),
           "IPYTHONDIR": str(tmp_path / "ipython")}
    env.pop("PYTEST_CURRENT_TEST", None)
    arguments = ["--no-browser", f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--IdentityProvider.token={token}",
                 "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
                 "--LabApp.extension_manager=readonly",
                 *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else [])]
    log = tmp_path / "lab.log"
    with log.open("wb") as words:
        process = subprocess.Popen(lab.command(root, arguments), env=env, stdout=words, stderr=words, start_new_session=True)
    address = f"http://127.0.0.1:{port}"
    try:
        ends = time.monotonic() + SECONDS
        while True:
            try:
                ask(f"{address}/api?token={token}")
                break
            except (urllib.error.URLError, ConnectionError):
                assert process.poll() is None and time.monotonic() < ends, log.read_text()
                time.sleep(0.1)
        yield address, token, root
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            print(log.read_text()[-4000:])


def ask(address):
    with urllib.request.urlopen(address, timeout=10) as answer:
        return json.load(answer)


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.skipif(not forks(), reason="this system cannot fork kernels")
def test_a_notebook_is_opened_run_and_shows_its_figure(server, browser):
    address, token, root = server
    page = browser.new_page()
    page.goto(f"{address}/lab/tree/{NOTEBOOK}?token={token}", timeout=SECONDS * 1000)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=SECONDS * 1000)
    assert page.locator(".jp-Dialog").count() == 0
    page.locator(".jp-KernelName", has_text="链图 liantu").first.wait_for(timeout=SECONDS * 1000)
    page.wait_for_selector(".jp-Notebook-ExecutionIndicator[data-status=idle]", timeout=SECONDS * 1000)
    assert page.locator(".jp-Dialog").count() == 0
    page.locator(".lm-MenuBar-itemLabel", has_text="Run").first.click()
    page.locator(".lm-Menu-item[data-command='notebook:run-all-cells'], .lm-Menu-item[data-command='runmenu:run-all']").first.click()
    page.wait_for_selector(".jp-OutputArea img", timeout=SECONDS * 1000)
    width, height = page.locator(".jp-OutputArea img").first.evaluate(
        "image => image.decode().then(() => [image.naturalWidth, image.naturalHeight])")
    assert width > 300 and height > 100
    kernels = ask(f"{address}/api/kernels?token={token}")
    assert [kernel["name"] for kernel in kernels] == ["python3"]
    assert page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']").count() == 0
    page.close()
    # the notebook on disk names the kernel that every machine has
    assert json.loads((root / NOTEBOOK).read_text())["metadata"]["kernelspec"]["name"] == "python3"
