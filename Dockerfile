# One image for the web application, its worker and the model worker; the command decides which it is.
FROM node:24-bookworm-slim AS browser
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM python:3.11-slim-bookworm

RUN apt-get update \
    && apt-get install --yes --no-install-recommends gettext \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --uid 10001 connoisseur \
    && mkdir -p /data/media /data/releases /app \
    && chown -R connoisseur /data /app

WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --requirement requirements.lock

COPY --chown=connoisseur . .
COPY --from=browser --chown=connoisseur /app/node_modules node_modules
USER connoisseur
ENV PYTHONUNBUFFERED=1 VAR_DIR=/data MEDIA_ROOT=/data/media RELEASES_DIR=/data/releases
RUN SECRET_KEY=only-while-building python manage.py compilemessages --verbosity 0 \
    && SECRET_KEY=only-while-building python manage.py collectstatic --noinput --verbosity 0

EXPOSE 8000
CMD ["gunicorn", "webapp.wsgi:application", "--bind", "0.0.0.0:8000", "--workers", "2", "--threads", "8", "--worker-class", "webapp.operations.buffering_worker.BufferingWorker"]
