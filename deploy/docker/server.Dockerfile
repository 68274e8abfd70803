FROM python:3.11-slim
WORKDIR /kindred
COPY requirements-server.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements-server.txt
COPY shared shared
COPY server server
COPY run_server.py .
RUN useradd --uid 10001 kindred && mkdir data && chown kindred data
USER kindred
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD \
    ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:%s/health' % (os.environ.get('SERVER_PORT') or 5000), timeout=2)"]
ENTRYPOINT ["python", "run_server.py"]
