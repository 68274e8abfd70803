"""Input tables from files."""

from generator.dataset.columns import TABLES
from generator.dataset.raw_table import RawTable
from generator.load.csv_files import read_csv
from generator.load.folders import open_folder
from generator.load.parquet_files import read_parquet
from generator.load.table_files import table_files


def load_tables(url: str) -> dict[str, RawTable]:
    """The tables in a folder: a path, or file://, s3://, gs://, az://, http:// or https://.

    Each table is NAME.parquet, NAME.csv or NAME.csv.gz, the first that is there. A table without a
    file is absent from the answer. Raises DataError if the folder or a file cannot be read, or if
    there are neither interests nor views.
    """
    raw_tables = {}
    for file in table_files(open_folder(url)):
        read = read_parquet if file.suffix == ".parquet" else read_csv
        raw_tables[file.table] = read(file, TABLES[file.table])
    return raw_tables
