FROM rust:1.95-bookworm AS builder
WORKDIR /src
COPY . .
# Features of billing-server to build in. None by default: the Stripe sandbox is for development.
ARG FEATURES=""
# The target folder is a cache mount and no part of the layer, so the binary is copied out of it at once.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/src/target \
    cargo build --release --locked -p billing-server --no-default-features --features "$FEATURES" \
    && cp target/release/billing-server /usr/local/bin/billing-server

FROM debian:bookworm-slim
# The system's roots verify Postgres (sslmode=require) and the issuer of dashboard tokens.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/*
# A numeric user, so that an orchestrator can tell that it is not root. The working folder is its own: with
# nothing configured the service keeps its data under ./data.
RUN install --directory --owner=10001 --group=10001 /var/lib/billing
WORKDIR /var/lib/billing
COPY --from=builder /usr/local/bin/billing-server /usr/local/bin/billing-server
USER 10001:10001
ENV KL_LISTEN=0.0.0.0:3001
EXPOSE 3001
# Reads the same variables as the service. Settings of a --config file it would not see.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["billing-server", "healthcheck"]
ENTRYPOINT ["billing-server"]
