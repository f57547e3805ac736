# One image for the web application, its worker and the model worker, and one with torch for a GPU; the command decides
# which it is.
FROM node:24-bookworm-slim AS browser
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM python:3.11-slim-bookworm AS application

# What runs here may write to /data, and to no code: all of /app is root's.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends gettext \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 connoisseur \
    && mkdir -p /data/media /data/releases /data/benchmarks /data/checkpoints /data/workers /app \
    && chown -R connoisseur /data \
    && chmod 700 /data

WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock

COPY . .
COPY --from=browser /app/node_modules node_modules
RUN export SECRET_KEY=only-while-building VAR_DIR=/tmp/building \
    && python manage.py compilemessages --verbosity 0 \
    && python manage.py collectstatic --noinput --verbosity 0 \
    && rm -r /tmp/building
USER connoisseur
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 VAR_DIR=/data MEDIA_ROOT=/data/media RELEASES_DIR=/data/releases \
    HF_HOME=/data/checkpoints ACCESS_LOG=-

EXPOSE 8000
CMD ["gunicorn", "webapp.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "8", "--no-control-socket", "--worker-class", "webapp.operations.buffering_worker.BufferingWorker"]

FROM application AS gpu
USER root
RUN pip install --no-cache-dir --require-hashes --requirement requirements-worker.lock
USER connoisseur
CMD ["celery", "--app", "mlworker.worker", "worker", "--queues", "predict-gpu", "--pool", "threads", "--concurrency", "2", "--loglevel", "info"]
