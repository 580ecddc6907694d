# docker build -t bubblewatch . && docker run --env-file .env -v bubblewatch:/data -p 8080:8080 bubblewatch
FROM python:3.13-slim AS build
RUN apt-get update \
 && apt-get install --yes --no-install-recommends binutils \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
ENV PYTHONDONTWRITEBYTECODE=1
RUN python -m venv --without-pip /app
COPY requirements.txt ./
RUN pip --python /app/bin/python install --no-cache-dir --no-compile --only-binary :all: \
    --require-hashes -r requirements.txt
COPY . .
RUN pip --python /app/bin/python install --no-cache-dir --no-compile --no-deps \
    --no-build-isolation . \
 && sh deploy/docker/slim /app/lib/python3.13/site-packages \
 && install -m 755 deploy/docker/start deploy/docker/healthy /app/ \
 && /app/bin/python deploy/docker/compiled /app/lib/python3.13/site-packages /library \
 # What was taken away must not be missed.
 && BUBBLEWATCH_DATA_DIR=/tmp/try /app/bin/bubblewatch ask '/bubble status' \
 && /app/bin/python deploy/docker/whole \
 && rm -rf /tmp/try

# For places whose volumes belong to root: starts as root, gives /data away, and drops everything.
FROM python:3.13-slim AS volumes
RUN useradd --uid 10001 --no-create-home --home-dir /data --shell /usr/sbin/nologin bubblewatch \
 && install -d -o bubblewatch -g bubblewatch -m 700 /data
COPY --from=build /library /usr/local/lib/python3.13
COPY --from=build /app /app
ENV PATH=/app/bin:$PATH \
    PORT=8080 \
    BUBBLEWATCH_DATA_DIR=/data \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    MPLCONFIGDIR=/tmp/matplotlib
EXPOSE 8080
HEALTHCHECK --interval=60s --timeout=10s --start-period=60s --retries=3 CMD ["/app/healthy"]
ENTRYPOINT ["/app/start"]
CMD ["bubblewatch", "run"]

# Everywhere else: never root. The root file system may be read-only (--read-only --tmpfs /tmp).
FROM volumes
USER 10001:10001
