# syntax=docker/dockerfile:1
FROM python:3.11.14-slim-bookworm AS build

WORKDIR /app
COPY requirements/bootstrap.txt requirements/runtime.txt requirements/
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r requirements/bootstrap.txt \
    && /opt/venv/bin/uv pip install --no-cache --compile-bytecode --python /opt/venv/bin/python \
        --require-hashes -r requirements/runtime.txt
COPY pyproject.toml README.md ./
COPY scripts scripts
RUN /opt/venv/bin/uv pip install --no-cache --python /opt/venv/bin/python \
        --no-deps --no-build-isolation -e .
COPY dags dags
COPY dbt_project dbt_project
COPY expectations expectations

FROM python:3.11.14-slim-bookworm

RUN useradd --uid 10001 --user-group --no-create-home --home-dir /state regulars \
    && install -d -o regulars -g regulars -m 0750 /state \
    && install -d -o regulars -g regulars -m 0755 /state/generations /state/site \
    && install -d -o regulars -g regulars -m 0700 /state/backups
COPY --from=build /opt/venv /opt/venv
COPY --from=build /app /app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    REGULARS_HOME=/state \
    AIRFLOW_HOME=/state/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/app/dags \
    AIRFLOW__CORE__LOAD_EXAMPLES=False
WORKDIR /app
USER regulars
VOLUME /state
CMD ["regulars", "--help"]
