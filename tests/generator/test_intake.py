from generator.intake import table_line
from shared.records import TableReport


def test_a_table_is_one_line_with_each_reason_and_what_first_stood_there():
    reasons = {"ts is not a date": 1200, "exact duplicate of an earlier row": 3, "u is empty": 1}
    samples = {"ts is not a date": "0 o'clock", "u is empty": ""}
    assert table_line(TableReport("views", "x.csv", 5000, 3796, reasons, samples)) == (
        '  views: 3,796 of 5,000 rows kept; set aside: 1,200 ts is not a date, as "0 o\'clock"; '
        "3 exact duplicate of an earlier row; 1 u is empty"
    )
