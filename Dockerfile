FROM python:3.13-slim
WORKDIR /srv/crossdock
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY hub hub
COPY connectors connectors
COPY mappings mappings
COPY routes routes
COPY demo demo
RUN pip install --no-cache-dir --constraint constraints.txt . \
    && useradd --system --create-home --home-dir /var/lib/crossdock crossdock
USER crossdock
VOLUME /var/lib/crossdock
EXPOSE 8080 2222
ENTRYPOINT ["crossdock"]
CMD ["up"]
