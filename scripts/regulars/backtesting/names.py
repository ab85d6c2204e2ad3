"""What people call the models, in sentences, tables and drawings, and where effects stand."""

import re

COVARIATES = "pareto_nbd_with_covariates"

MODEL_NAMES = {
    "nbd": "NBD",
    "bg_nbd": "BG/NBD",
    "mbg_nbd": "MBG/NBD",
    "pareto_nbd": "Pareto/NBD",
    "mbg_cnbd_k": "MBG/CNBD-k",
    COVARIATES: "Pareto/NBD with covariates",
}
# where the effect of a bad first case on leaving stands in model_parameters
SERVICE_EFFECT = (COVARIATES, "dropout_bad_first")
# the same of a channel, against the commonest: process, channel, commonest channel
CHANNEL_EFFECT = re.compile(r"(rate|dropout)_first_(.+)_against_(.+)", re.DOTALL)


def channel_covariate(channel: str, commonest: str) -> str:
    """The covariate of whoever first bought through `channel`."""
    return f"first_{channel}_against_{commonest}"
