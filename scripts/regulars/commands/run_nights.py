"""Commands that run nights: sample, night, backfill, rebuild, approve, demo."""

from __future__ import annotations

import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import click

from regulars.commands.output import AS_OF, JSON, Day, say_json
from regulars.gates.gate_names import GATES, GUARDS
from regulars.nights.counts import in_words
from regulars.settings import UNNAMED, Settings

DEMO_NIGHT = date(2026, 10, 31)
BEFORE_DEMO = DEMO_NIGHT - timedelta(days=1)
DEMO_COMPANY = "Kettle & Crane"
DEMO_AHEAD = 28  # nights that `regulars next-day` can deliver


@click.command()
@click.option("--customers", type=click.IntRange(min=1), show_default="the world's own")
@click.option("--seed", type=click.IntRange(min=0), default=7, show_default=True)
@click.option(
    "--nights",
    type=click.IntRange(min=1),
    show_default="the world's own",
    help="Nights of deliveries, the last on --last-night.",
)
@click.option("--last-night", type=Day(), default=DEMO_NIGHT, show_default=True)
@click.option("--world", default="kettle_and_crane", show_default=True)
@click.option("--dirt", help="Plant only these kinds: all, none, or names between commas.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Folder; default: the landing folder. Truth goes beside it.",
)
@click.option(
    "--ahead",
    type=click.IntRange(min=0, max=185),
    default=0,
    show_default=True,
    help="Nights after --last-night to keep back for `regulars next-day`.",
)
@click.option(
    "--newcomers/--no-newcomers",
    default=True,
    show_default=True,
    help="Do people sign up in the nights ahead? If not, the past is as without them.",
)
@click.option("--replace", is_flag=True, help="Replace deliveries that are there already.")
@click.option("--list", "list_worlds", is_flag=True, help="Name the worlds and stop.")
def sample(
    customers: int | None,
    seed: int,
    nights: int | None,
    last_night: date,
    world: str,
    dirt: str | None,
    out: Path | None,
    ahead: int,
    newcomers: bool,
    replace: bool,
    list_worlds: bool,
) -> None:
    """Write the deliveries of a simulated company."""
    from regulars.sample_company import WORLDS, SampleExists, generate, world_named
    from regulars.sample_company.dirt.faults import only

    if list_worlds:
        for name, about in WORLDS.items():
            click.echo(f"{name:<20} {about.summary}")
        return
    deliveries = out or Settings.from_env().landing
    try:
        chosen = world_named(world)
        if dirt is not None:
            chosen = chosen.variant(dirt={"kinds": only(dirt)})
        counts = generate(
            deliveries,
            deliveries.parent / "truth",
            customers=customers,
            seed=seed,
            first_night=None if nights is None else last_night - timedelta(days=nights - 1),
            last_night=last_night,
            world=chosen,
            replace=replace,
            ahead=ahead,
            newcomers_ahead=newcomers,
        )
    except (SampleExists, ValueError) as error:
        raise click.ClickException(str(error)) from None
    click.echo(
        f"Wrote {counts['nights']} nights of {counts['world']} "
        f"for {counts['customers']:,} customers to {deliveries}"
    )
    if counts["dirt"]:
        click.echo(
            f"Planted dirt: {sum(counts['dirt'].values()):,} pieces; "
            f"see {deliveries.parent / 'truth'}."
        )


@click.command()
@AS_OF
@JSON
def night(as_of: date, as_json: bool) -> None:
    """Run one night: ingest, build, score, lists, publish."""
    from regulars.nights.run import run_night

    settings = Settings.from_env()
    results = run_night(settings, as_of, None if as_json else _progress)
    if as_json:
        say_json(results)
    else:
        _tell_where(settings)


@click.command()
@click.option("--from", "first", type=Day(), required=True, help="First business date.")
@click.option("--to", "last", type=Day(), required=True, help="Last business date.")
def backfill(first: date, last: date) -> None:
    """Run every night from one date to another, in order."""
    from regulars.nights.run import run_night

    if first > last:
        raise click.UsageError(f"--from {first} lies after --to {last}.")
    settings = Settings.from_env()
    for offset in range((last - first).days + 1):
        as_of = first + timedelta(days=offset)
        result = run_night(settings, as_of)["publish"]
        news = "published" if result["is_new"] else "nothing new"
        click.echo(f"{as_of}  generation {result['generation']}  {news}")
    _tell_where(settings)


VERDICTS: dict[object, str] = {
    True: "identical to",
    False: "DIFFERENT from",
    None: "not comparable (an erasure could not read all its files) with",
}


@click.command()
@AS_OF
@click.option("--out", type=click.Path(path_type=Path), help="Folder for the rebuilt files.")
@click.option("--keep", is_flag=True, help="Keep the rebuilt schemas for a comparison in SQL.")
@JSON
def rebuild(as_of: date, out: Path | None, keep: bool, as_json: bool) -> None:
    """Build a published night again and compare its list files, byte for byte."""
    from regulars.nights.rebuild import rebuild as rebuild_night

    settings = Settings.from_env()
    folder = out or settings.home / "rebuilt" / as_of.isoformat()
    result = rebuild_night(settings, as_of, folder, keep=keep)
    if as_json:
        say_json(result)
    else:
        verdict = VERDICTS[result["is_identical"]]
        click.echo(f"{result['folder']}: {verdict} generation {result['generation']}")
        if result["rows_from"] == "log":
            click.echo("Somebody was erased since: what its lists say is from the log.")
    if result["is_identical"] is False:
        sys.exit(1)


@click.command()
@AS_OF
@click.option("--gate", type=click.Choice([*GATES, GUARDS]), required=True)
@click.option("--by", "approved_by", required=True, help="Who gives the word.")
@click.option("--reason", required=True, help="Why it is right to go on.")
def approve(as_of: date, gate: str, approved_by: str, reason: str) -> None:
    """Give a person's word that a gate may pass what it stopped, as long as its input stays.

    `--gate guards` lets the lists of that night go out although feeds that guard them are not in.
    """
    from regulars.gates import approvals

    added = approvals.approve(Settings.from_env(), gate, as_of, approved_by, reason)
    state = "recorded" if added else "was recorded before; the first word stands"
    click.echo(f"Approval of gate {gate} for {as_of} {state}. Run the night again.")


@click.command()
@click.option("--customers", type=click.IntRange(min=1), default=3000, show_default=True)
def demo(customers: int) -> None:
    """Run a whole night under Airflow on the sample company."""
    from regulars.nights.orchestration import run_nightly
    from regulars.nights.run import run_night

    settings = _named(Settings.from_env())
    if not (settings.landing / "house").exists():
        click.echo(f"Simulating a company of {customers:,} customers and two years of nights …")
        subprocess.run(
            [
                sys.executable,
                "-m",
                "regulars",
                "sample",
                "--customers",
                str(customers),
                "--ahead",
                str(DEMO_AHEAD),
            ],
            check=True,
        )
    if not (settings.home / "current").exists():
        click.echo(f"Running the night of {BEFORE_DEMO}, to have something to compare with …")
        run_night(settings, BEFORE_DEMO, _progress)
    click.echo(f"Running the night of {DEMO_NIGHT} under Airflow …")
    run_nightly(settings, DEMO_NIGHT)
    _tell_where(settings)
    click.echo(
        "  `regulars next-day` lets the company answer these lists and delivers the next day.\n"
    )


def _named(settings: Settings) -> Settings:
    """Under the environment's name or the sample company's, which later commands keep."""
    is_unnamed = settings.company_name == UNNAMED
    return settings.with_remembered_name(DEMO_COMPANY if is_unnamed else settings.company_name)


def _progress(step: str, result: dict | None) -> None:
    line = f"  {step:<20}"
    if result is not None:
        click.echo(f"{line} {in_words(result)}")
    elif sys.stdout.isatty():
        click.echo(f"{line} …\r", nl=False)


def _tell_where(settings: Settings) -> None:
    current = settings.home / "current"
    click.echo(f"\n  report  {current / 'report.html'}")
    click.echo(f"  lists   {current / 'lists'}/*.csv")
    command = Path(sys.executable).with_name("regulars")
    click.echo(f"  query   {command} warehouse psql --role analyst\n")
