"""The workbook that the reader of workbooks is tested on: python3 workbook.py (openpyxl 3.1) writes workbook.xlsx.

Numbers of an invented place, in the ways in which people keep them: a banner over merged cells, empty rows, numbers as text,
formulas with the value that Excel saved and without, merged regions, a hidden sheet, a year as a date, an error of a formula, each line in one cell.
"""

import datetime
import io
import re
import zipfile

import openpyxl

book = openpyxl.Workbook()
about = book.active
about.title = "About"
about["A1"] = "Where these numbers are from: the registry of Atlantis"

old = book.create_sheet("Old")
old.sheet_state = "hidden"
old.append(["region", "year", "cases", "status"])
old.append(["Atlantis", 2019, 999, "registered"])

own = book.create_sheet("Cases 1.2")
own["A2"] = "New cases of multiple myeloma"
own.merge_cells("A2:D2")
for row in [
    [],
    ["region", "year", "cases", "status", "relative error"],
    ["Atlantis", 2019, "1 200", "registered", 0.03],
    [],
    ["Atlantis", 2024, "=700*2", "registered", 0.05],
]:
    own.append(row)
own["E7"].number_format = "0 %"

# Numbers as text with a comma, beside numbers that are none of text.
commas = book.create_sheet("Commas")
for row in [
    ["region", "year", "cases", "status"],
    ["Atlantis", 2019, "1.412,5", "estimate"],
    ["Atlantis", 2020, "1.512", "estimate"],
    ["Atlantis", 2021, 1.125, "estimate"],
    ["Atlantis", 2022, 1412.125, "estimate"],
]:
    commas.append(row)

# Nothing says what the point of the text is: the numbers beside it are of no notation.
points = book.create_sheet("Points")
for row in [
    ["region", "year", "cases", "status", "relative error"],
    ["Atlantis", 2019, 1412, "estimate", 0.05],
    ["Atlantis", 2020, 1412.5, "estimate", 0.05],
    ["Atlantis", 2021, "1.561", "estimate", 0.05],
]:
    points.append(row)

# A row of formulas without saved values ends the sheet, as programs that compute nothing leave them.
sums = book.create_sheet("Formulas")
for row in [
    ["region", "year", "cases", "status", "mine"],
    ["Atlantis", 2019, 1412, "registered", "=C2/2"],
    ["=A2", "=B2+1", "=C2+1", "=D2", "=C3/2"],
]:
    sums.append(row)

merged = book.create_sheet("Merged")
for row in [
    ["region", "year", "cases", "status"],
    ["Atlantis", 2019, 1412, "registered"],
    [None, 2020, 1420, "registered"],
]:
    merged.append(row)
merged.merge_cells("A2:A3")

dates = book.create_sheet("Dates")
dates.append(["region", "year", "cases", "status"])
dates.append(["Atlantis", datetime.date(2019, 1, 1), 1200, "registered"])

errors = book.create_sheet("Errors")
errors.append(["region", "year", "cases", "status"])
errors.append(["Atlantis", 2019, "#N/A", "registered"])
errors["C2"].data_type = "e"

lines = book.create_sheet("Lines")
lines.append(["Cancer code,ICD Code,Country,Label,Sex,Number,ASR (World),Crude rate,Cumulative risk"])
lines.append(['1,C00-06,999,"Lip, oral cavity",0,632,3.4,7.0,0.41'])
lines.append(["35,C90,999,Multiple myeloma,0,120,1.2,2.2,0.15"])

saved = io.BytesIO()
book.save(saved)
with zipfile.ZipFile(saved) as before, zipfile.ZipFile("workbook.xlsx", "w", zipfile.ZIP_DEFLATED) as after:
    for item in before.infolist():
        content = before.read(item.filename)
        # The value that Excel saves beside a formula, which openpyxl does not compute.
        content = re.sub(rb"(<f>700\*2</f>)<v\s*/>", rb"\1<v>1400</v>", content)
        content = re.sub(rb"(<f>700\*2</f>)<v></v>", rb"\1<v>1400</v>", content)
        after.writestr(zipfile.ZipInfo(item.filename, (2026, 11, 26, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
