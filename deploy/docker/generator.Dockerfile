FROM python:3.11-slim
WORKDIR /kindred
# OpenMP, which scikit-learn, implicit and sparse_dot_topn link against.
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 \
    && rm -rf /var/lib/apt/lists/*
COPY requirements.txt .
RUN pip install --no-cache-dir --require-hashes -r requirements.txt
COPY data/sample data/sample
COPY shared shared
COPY generator generator
COPY run_generator.py .
RUN useradd --uid 10001 kindred && mkdir -p data/store data/set_aside work \
    && chown -R kindred data work
USER kindred
ENTRYPOINT ["python", "run_generator.py"]
