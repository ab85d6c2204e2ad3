"""What people call the models, in sentences, tables and drawings."""

MODEL_NAMES = {
    "nbd": "NBD",
    "bg_nbd": "BG/NBD",
    "mbg_nbd": "MBG/NBD",
    "pareto_nbd": "Pareto/NBD",
    "mbg_cnbd_k": "MBG/CNBD-k",
    "pareto_nbd_with_covariates": "Pareto/NBD and service",
}
# where the effect of a bad first case on leaving stands in model_parameters
SERVICE_EFFECT = ("pareto_nbd_with_covariates", "dropout_bad_first")
