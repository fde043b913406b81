# One image with every program; the command chooses. Runs as an unprivileged user, data below /data.
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 make build VERSION=$VERSION

FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /src/bin/ /usr/local/bin/
COPY --from=build /src/configs/ /etc/haidang/
VOLUME /data
WORKDIR /data
EXPOSE 8470 8471
CMD ["haidang-collector", "serve", "--config", "/etc/haidang/collector.yaml"]
