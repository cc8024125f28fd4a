"""The `liantu` command. What a command needs is imported when it runs, so that --help is fast."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from liantu.errors import LiantuError, UnknownValueError

_FOLDER = click.Path(file_okay=False, path_type=Path)


class Place(click.Path):
    """A path as click reads it, or an address such as s3://bucket/folder, which stays as it is."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A Path, or the text of an address."""
        return value if isinstance(value, str) and "://" in value else super().convert(value, param, ctx)


class OneLineGroup(click.Group):
    """A group whose errors are one line on standard error: exit 2 for unusable arguments or input, without a traceback."""

    def main(self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any) -> NoReturn:  # type: ignore[override]
        """Run the command line and leave the process with the command's exit code."""
        extra["standalone_mode"] = False
        try:
            code = super().main(args, prog_name, **extra)
        except click.exceptions.NoArgsIsHelpError as shown:
            click.echo(shown.format_message(), err=True)
            sys.exit(2)
        except LiantuError as error:
            _fail(str(error))
        except click.ClickException as error:
            _fail(error.format_message())
        except OSError as error:
            _fail(f"{error.filename or 'file system'}: {error.strerror or error}")
        except (click.Abort, KeyboardInterrupt):
            click.echo("liantu: stopped", err=True)
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The command by its name; an unknown one is an error with the nearest match."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise UnknownValueError("command", args[0], self.list_commands(ctx))
        return super().resolve_command(ctx, args)


def _fail(message: str) -> NoReturn:
    click.echo(f"liantu: {' '.join(message.split())}", err=True)
    sys.exit(2)


def _version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"liantu {version('liantu')}")
        ctx.exit()


@click.group(cls=OneLineGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--version", is_flag=True, callback=_version, expose_value=False, is_eager=True, help="Show the version.")
def main() -> None:
    """链图: from a city's project ledgers to its quarterly report. 从项目台账到季度报告。"""


def _matrix_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in (
        click.option("--lang", default="zh,en", show_default=True, help="Languages of the pages. 页面语言。"),
        click.option("--chain", "chains", multiple=True, help="Only pages of this chain (name or id); repeatable. 只要该产业链的页面。"),
        click.option("--county", "counties", multiple=True, help="Only pages of this county (code, name); repeatable. 只要该县区的页面。"),
        click.option("--only", multiple=True, metavar="NOTEBOOK", help="Only this notebook; repeatable. 只要该笔记本。"),
        click.option("--dataset", default="simulated", show_default=True, help="A folder of data/raw. 数据集。"),
        click.argument("quarter", required=False),
    ):
        command = option(command)
    return command


@main.command()
@_matrix_options
@click.option("--jobs", type=click.IntRange(min=1), help="Pages at a time; default: the number of cores. 同时运行的页数。")
@click.option("--scheduler", metavar="ADDRESS", default="", help="A Dask scheduler (tcp://host:8786) whose workers run the pages. "
              "Dask 调度器地址。")
@click.option("--time-limit", type=click.FloatRange(min=1), metavar="SECONDS",
              help="Time of one page; default: 300. 每页时限（秒）。")
@click.option("--memory-limit", metavar="SIZE", help="Memory of one page's kernel, as 2G; 0: no cap; default: its share of the machine's. "
              "每页内存上限。")
@click.option("--kernel", type=click.Choice(["warm", "plain"]), default="warm", show_default=True,
              help="Kernels forked with the imports done, or ordinary ones. 内核启动方式。")
@click.option("--force", is_flag=True, help="Run pages that are fresh too. 未变的页面也重跑。")
@click.option("--out", type=_FOLDER, help="Folder of the report itself. Default: reports/<dataset>/<quarter>. 报告目录。")
@click.option("--dry-run", is_flag=True, help="List the pages, run nothing. 只列出页面。")
def report(quarter: str | None, dataset: str, only: tuple[str, ...], counties: tuple[str, ...], chains: tuple[str, ...], lang: str,
           jobs: int | None, scheduler: str, time_limit: float | None, memory_limit: str | None, kernel: Any, force: bool, out: Path | None,
           dry_run: bool) -> int:
    """Clean the ledgers, run every page of QUARTER (as 2022Q2; default: the newest) that is not fresh, render them and write the index.

    清洗台账，运行并生成该季度的页面和总览；未变的不重跑。
    """
    pages, quarter = _pages(quarter, dataset, only, counties, chains, lang)
    if dry_run:
        for page in pages:
            click.echo(_page_line(page))
        click.echo(f"{len(pages)} pages, nothing run")
        return 0
    from liantu.suite.orders import Order, unchanged
    from liantu.suite.runs.options import TIME_LIMIT_SECONDS, RunOptions, memory_size

    options = RunOptions(jobs, time_limit or TIME_LIMIT_SECONDS, memory_size(memory_limit) if memory_limit else None, kernel)
    if scheduler:
        from liantu.suite.runs.cluster import check_scheduler

        check_scheduler(scheduler)
    order = Order(tuple(pages), out or _report_folder(dataset, quarter), quarter, dataset, options, force, scheduler)
    run = unchanged(order) or _make(order)
    if run is None:
        return 1
    _report_end(run)
    return run.exit_code


def _make(order: Any) -> Any:
    """The run of an order, None when it was stopped."""
    from liantu.suite.kernels import PLAIN, kernel_name
    from liantu.suite.quarterly import make_report
    from liantu.suite.runs.stopping import Stop
    from liantu.suite.screen import screen

    total = len(order.pages)
    click.echo(f"cleaning {order.dataset} where its ledgers changed, then {total} pages into {order.out}", err=True)
    if order.options.kernel == "warm" and not order.scheduler and kernel_name("warm") == PLAIN:
        click.echo("ordinary kernels, which take longer: this system cannot fork, or the kernelspec `liantu` is not installed", err=True)
    with Stop() as stop, screen(total) as shown:
        try:
            return make_report(order, shown.page, stop=stop)
        except KeyboardInterrupt:
            click.echo(f"stopped: {shown.done} of {total} pages are done and kept; the same command goes on from there", err=True)
            return None


def _report_folder(dataset: str, quarter: str) -> Path:
    from liantu.reference.folders import reports_root

    return reports_root() / dataset / quarter


def _report_end(run: Any) -> None:
    for file in run.unreadable:
        click.echo(f"unreadable: {file['source_file']}: {file['reason']}: {file.get('message_en', '')}", err=True)
    failed, asked, unreadable = len(run.failed), len(run.outcomes), len(run.unreadable)
    took = ", ".join(f"{name} {run.wall[name]:.1f} s" for name in ("clean", "run", "render") if name in run.wall) or "nothing changed"
    click.echo(f"{asked - failed} of {asked} pages done ({len(run.fresh)} fresh), {failed} not; {unreadable} files unreadable; {took}")
    click.echo(str(run.index))


@main.command("list")
@_matrix_options
def list_pages(quarter: str | None, dataset: str, only: tuple[str, ...], counties: tuple[str, ...], chains: tuple[str, ...],
               lang: str) -> int:
    """List the matrix: every page, fresh or stale in the report folder, and its parameters. 列出全部页面及其新旧。"""
    pages, quarter = _pages(quarter, dataset, only, counties, chains, lang)
    from liantu.suite.freshness.why import states

    for page, state in zip(pages, states(_report_folder(dataset, quarter), dataset, pages), strict=True):
        click.echo(f"{state:<12} {_page_line(page)}")
    return 0


@main.command()
@click.argument("page")
@click.argument("quarter", required=False)
@click.option("--dataset", default="simulated", show_default=True, help="A folder of data/raw. 数据集。")
def why(page: str, quarter: str | None, dataset: str) -> int:
    """Say why PAGE (as `liantu list` names it) of QUARTER (default: the newest) is stale, or when it was made. 说明页面为何需要重跑。"""
    pages, quarter = _pages(quarter, dataset, (), (), (), "zh,en")
    from liantu.suite.freshness.why import page_of, reasons

    for line in reasons(_report_folder(dataset, quarter), dataset, page_of(page, pages)):
        click.echo(line)
    return 0


def _pages(quarter: str | None, dataset: str, only: tuple[str, ...], counties: tuple[str, ...], chains: tuple[str, ...],
           lang: str) -> tuple[list[Any], str]:
    """The pages asked for, each checked, and the quarter; nothing is written."""
    from liantu.report.parameters import check
    from liantu.suite.matrix import pages
    from liantu.suite.runs.checks import check_pages

    chosen = str(check(quarter=quarter, dataset=dataset).quarter)
    langs = [name.strip() for name in lang.split(",") if name.strip()]
    wanted = pages(chosen, langs, counties or None, chains or None, only or None, dataset=dataset)
    check_pages(wanted)
    return wanted, chosen


def _page_line(page: Any) -> str:
    parameters = " ".join(f"{name}={value}" for name, value in page.parameters.items() if value)
    return f"{page.id:<36} {parameters}"


@main.command(options_metavar="[OPTIONS]")
@click.argument("paths", nargs=-1, required=True, metavar="RAW_DIR | --explain FILE...", type=Place(path_type=Path))
@click.option("--out", type=Place(file_okay=False, path_type=Path), help="Folder or address of the tidy tables. 输出目录或地址。")
@click.option("--scheduler", metavar="ADDRESS", help="A Dask scheduler (tcp://host:8786) whose workers clean. Dask 调度器地址。")
@click.option("--reference", type=_FOLDER, help="Reference data of a city. Default: data/reference/chaoyang. 参考数据。")
@click.option("--layout", type=click.Path(dir_okay=False, path_type=Path), help="A YAML file with more ledger forms. 补充台账格式。")
@click.option("--as-of", type=click.DateTime(["%Y-%m-%d"]), help="Read only snapshots up to this date. 只读截至该日的台账。")
@click.option("--explain", is_flag=True, help="Only print how each sheet of the files was understood. 只说明每张表如何识别。")
def clean(paths: tuple[Path | str, ...], out: Path | str | None, scheduler: str | None, reference: Path | None, layout: Path | None,
          as_of: Any, explain: bool) -> int:
    """Read the ledgers of RAW_DIR (one sub-folder for each snapshot) and write the tidy tables with the account of every row.

    RAW_DIR and --out may be addresses such as s3://bucket/folder. 两端均可为远程地址。

    清洗台账：输出整洁数据表，每一行都有去向。With --explain: print how single files are understood, write nothing. 逐表说明识别结果。
    """
    for name, path in (("--reference", reference), ("--layout", layout)):
        if path is not None and not path.exists():
            raise LiantuError(f"{name} {path}: there is no such file or folder")
    day = as_of.date() if as_of else None
    if explain:
        return _explain(paths, out, reference, layout, day)
    raw_dir = paths[0]
    if len(paths) > 1:
        raise LiantuError(f"{paths[1]}: one folder at a time; to explain single files give --explain")
    if isinstance(raw_dir, Path) and not raw_dir.is_dir():
        hint = "is a file; to see how it is understood give --explain" if raw_dir.is_file() else "no such folder"
        raise LiantuError(f"{raw_dir}: {hint}; give the folder that holds the snapshots, as data/raw/simulated")
    if out is None:
        raise click.UsageError("Missing option '--out': the folder where the tidy tables go")
    from liantu.ledger import cleaning

    result = cleaning.clean(raw_dir, out, reference=reference, layout=layout, as_of=day, scheduler=scheduler)
    _clean_end(result)
    return result.exit_code


def _explain(paths: tuple[Path | str, ...], out: Path | str | None, reference: Path | None, layout: Path | None, as_of: Any) -> int:
    if out is not None:
        raise LiantuError("--explain writes nothing; leave --out away")
    for path in map(Path, paths):
        if not path.is_file():
            raise LiantuError(f"{path}: {'is a folder; give files' if path.is_dir() else 'no such file'}")
    from liantu.ledger.explaining import explain

    codes = []
    for path in paths:
        told = explain(path, reference=reference, layout=layout, as_of=as_of)
        click.echo(told.text)
        if told.unreadable:
            click.echo(f"unreadable: {path}: {told.unreadable.reason}", err=True)
        codes.append(1 if told.unreadable else 0)
    return max(codes)


def _clean_end(result: Any) -> None:
    from liantu.ledger.findings import STALE, summed

    accounting, columns = result.accounting, ("rows_read", "rows_accepted", "rows_quarantined", "rows_ignored")
    click.echo("  ".join([*(f"{name.removeprefix('rows_'):>11}" for name in columns), "file · sheet"]))
    for file in accounting["files"]:
        where = " · ".join(part for part in (file["source_file"], file["sheet"]) if part)
        click.echo("  ".join([*(f"{file[name]:>11,}" for name in columns), where]))
    for file in accounting["unreadable"]:
        why = " ".join(file.get(key, "") for key in ("message_zh", "message_en"))
        click.echo(f"unreadable: {file['source_file']}: {file['reason']}: {why}", err=True)
    for finding in result.findings:
        where = " · ".join(str(finding[key]) for key in ("source_file", "sheet") if finding.get(key))
        what = " ".join(str(finding[key]) for key in ("message_zh", "message_en") if finding.get(key))
        stale = finding.get("kind") == STALE
        click.echo(f"{'stale' if stale else 'finding'}: {finding.get('kind', '')}: {where}: {what}", err=stale)
    total = accounting["total"]
    click.echo(f"{len(accounting['files'])} sheets: {total['rows_read']:,} rows read = {total['rows_accepted']:,} accepted + "
               f"{total['rows_quarantined']:,} quarantined + {total['rows_ignored']:,} ignored; "
               f"{len(accounting['unreadable'])} files unreadable; {summed(result.findings)}")


@main.command()
@click.option("--out", required=True, type=_FOLDER, help="Where the ledgers go. 输出目录。")
@click.option("--seed", type=click.IntRange(min=0),
              help="Seed of the simulation; default: that of the data set that ships. 随机种子。")
@click.option("--scale", type=click.FloatRange(min=0, max=20, min_open=True),
              help="Size of the city; 1 is the size of the data set that ships. 规模。")
@click.option("--forms", type=click.Choice(["development", "holdout"]), default="development", show_default=True,
              help="The set of ledger forms and words; the hold-out is for measuring the cleaning. 台账样式（holdout 只用于检验）。")
def simulate(out: Path, seed: int | None, scale: float | None, forms: str) -> int:
    """Write simulated raw ledgers with the truth/ beside them. 生成模拟台账。"""
    from liantu.simulation import DEFAULT_SCALE, DEFAULT_SEED
    from liantu.simulation import simulate as simulate_ledgers

    counts = simulate_ledgers(out, seed=DEFAULT_SEED if seed is None else seed, scale=DEFAULT_SCALE if scale is None else scale,
                              forms=forms)
    click.echo(", ".join(f"{name} {value}" for name, value in counts.items() if not isinstance(value, dict)))
    click.echo(str(out))
    return 0


@main.command()
@click.argument("quarter", required=False)
@click.option("--dataset", default="simulated", show_default=True, help="A folder of data/raw. 数据集。")
@click.option("--out", type=_FOLDER, help="Where the two files go. Default: beside the report folder. 输出目录。")
def share(quarter: str | None, dataset: str, out: Path | None) -> int:
    """Make one zip of a report, and one HTML file that holds all its pages; both open offline.

    打包分享：一个压缩包，一个含全部页面的单文件网页，离线可开。
    """
    quarter, report = _made_report(quarter, dataset)
    from liantu.suite.site.share import share as share_report

    shared = share_report(report, dataset, quarter, out)
    for path in (shared.archive, shared.single):
        click.echo(f"{path}  {path.stat().st_size / 1e6:.1f} MB")
    if shared.left_out:
        click.echo(f"only in the zip: {len(shared.left_out)} files (executed notebooks, files over 1 MB)")
    return 0


@main.command()
@click.argument("quarter", required=False)
@click.option("--page", "pages", multiple=True, metavar="PAGE", help="Only this page, as `liantu list` names it; repeatable. 只要该页。")
@click.option("--lang", type=click.Choice(["zh", "en"]), default="zh", show_default=True, help="Language of the whole quarter. 语言。")
@click.option("--dataset", default="simulated", show_default=True, help="A folder of data/raw. 数据集。")
@click.option("--out", type=_FOLDER, help="Where the files go. Default: beside the report folder. 输出目录。")
def pdf(quarter: str | None, pages: tuple[str, ...], lang: str, dataset: str, out: Path | None) -> int:
    """Print a report, or single pages of it, to PDF by Chromium. 用 Chromium 导出 PDF。"""
    quarter, report = _made_report(quarter, dataset)
    from tqdm import tqdm

    from liantu.suite.site.pdf import pages_of, print_pages, print_quarter

    with tqdm(total=len(pages) or len(pages_of(report, lang)), unit="page", disable=None) as bar:
        def printed(name: str) -> None:
            bar.update()

        made = print_pages(report, pages, dataset, quarter, out, printed) if pages else [
            print_quarter(report, lang, dataset, quarter, out, printed)]
    for path in made:
        click.echo(str(path))
    return 0


def _made_report(quarter: str | None, dataset: str) -> tuple[str, Path]:
    """The quarter and the folder of a report that was made; LiantuError when it was not."""
    from liantu.report.parameters import check

    chosen = str(check(quarter=quarter, dataset=dataset).quarter)
    folder = _report_folder(dataset, chosen)
    if not (folder / "index.html").is_file():
        raise LiantuError(f"{folder}: no report is there; make it with `liantu report {chosen} --dataset {dataset}`")
    return chosen, folder


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[-- JUPYTERLAB OPTIONS]")
def lab(arguments: tuple[str, ...]) -> NoReturn:
    """Open JupyterLab at the notebooks, with kernels whose imports are done. 打开 JupyterLab。"""
    from liantu.suite.kernels.lab import open_lab

    open_lab(arguments=arguments)
