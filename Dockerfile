# Needs BuildKit, which Docker uses by default since version 23, or Buildah.
FROM rust:1.95-bookworm AS builder
# The image's settings. A container's published port is reached only where the service listens on every address.
RUN mkdir -p /image/billing/data && echo 'listen = "0.0.0.0:3001"' > /image/billing.toml
WORKDIR /src
COPY . .
# Features of billing-server to build in. None by default: the Stripe sandbox is for development.
ARG FEATURES=""
# Cargo finds changes by modification times, and COPY keeps those of the checkout: a cached crate that is newer would
# pass for this checkout's. So the cache keeps only crates of the registry, which their versions tell apart.
RUN --mount=type=cache,id=kolaylogin-billing-registry,sharing=locked,target=/usr/local/cargo/registry \
    --mount=type=cache,id=kolaylogin-billing-target,sharing=locked,target=/src/target \
    cargo clean --release --locked --workspace \
    && cargo build --release --locked -p billing-server --no-default-features --features "$FEATURES" \
    && cp target/release/billing-server /image/billing-server

# glibc, libgcc and the system's roots, which verify Postgres (sslmode=require) and the issuer of dashboard tokens.
# No shell and no package manager.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=builder /image/billing-server /usr/local/bin/billing-server
COPY --from=builder /image/billing.toml /etc/billing/billing.toml
# The working folder, and the ./data in which the service keeps SQLite: a new volume at either belongs to its user.
COPY --from=builder --chown=10001:10001 /image/billing /var/lib/billing
WORKDIR /var/lib/billing
# A numeric user, so that an orchestrator can tell that it is not root.
USER 10001:10001
# A file and no KL_LISTEN, which would win over the `listen` of a file that is mounted.
ENV KL_CONFIG=/etc/billing/billing.toml
# Set by the base too; with it the roots of SSL_CERT_DIR are added to the system's.
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
EXPOSE 3001
# Liveness: a database that is away is no reason to replace the container, and neither is a start that waits for the
# migrations of another replica.
HEALTHCHECK --interval=10s --timeout=5s --start-period=5m --retries=3 CMD ["billing-server", "healthcheck", "--live"]
ENTRYPOINT ["billing-server"]
ARG REVISION="unknown"
LABEL org.opencontainers.image.title="KolayLogin billing service" \
    org.opencontainers.image.description="Turns end-user billing on and off for a workspace, and keeps its catalog" \
    org.opencontainers.image.version="0.1.0" \
    org.opencontainers.image.revision="$REVISION" \
    org.opencontainers.image.licenses="LicenseRef-Proprietary" \
    org.opencontainers.image.base.name="gcr.io/distroless/cc-debian12:nonroot"
