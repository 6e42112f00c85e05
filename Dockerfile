# What `make image` builds without Docker: two static binaries over an empty root,
# which have time zones and CA certificates compiled in.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY api api
COPY cmd cmd
COPY controllers controllers
COPY internal internal
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w -X main.version=${VERSION}" -o /fairlead ./cmd/fairlead && \
    CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags "-s -w" -o /fairlead-send ./cmd/fairlead-send

FROM scratch
ARG VERSION=dev
LABEL org.opencontainers.image.title="Fairlead" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.source="https://github.com/fairlead/fairlead" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /fairlead /fairlead-send /
USER 65532:65532
ENTRYPOINT ["/fairlead"]
