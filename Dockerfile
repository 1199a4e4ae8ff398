# syntax=docker/dockerfile:1
# The image holds the locked dependencies and the wheel; compilers, pip's cache and the sources stay behind.

FROM python:3.12-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/build && python -m venv --without-pip /opt/headwater
WORKDIR /src
COPY requirements.lock requirements-build.lock ./
RUN /opt/build/bin/pip install --quiet --require-hashes -r requirements-build.lock \
    && /opt/build/bin/pip --python /opt/headwater/bin/python install --quiet --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY catalog catalog
COPY ingestors ingestors
COPY examples/demo examples/demo
RUN /opt/build/bin/hatchling build -t wheel -d /dist \
    && /opt/build/bin/pip --python /opt/headwater/bin/python install --quiet --no-deps /dist/*.whl

FROM python:3.12-slim
RUN useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin headwater \
    && install -d -o headwater -g headwater /estate
COPY --from=build /opt/headwater /opt/headwater
ENV PATH=/opt/headwater/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER headwater
WORKDIR /estate
EXPOSE 8000
# Outside the loopback the server starts only where HEADWATER_TOKENS is set.
ENTRYPOINT ["headwater"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
