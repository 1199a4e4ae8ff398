"""Features of credit applicants from five internal and two external sources. For spark-submit; data below /lake."""

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

spark = SparkSession.builder.appName("credit_features").getOrCreate()


def read(name, schema):
    return spark.read.schema(schema).option("header", True).csv(f"/lake/raw/{name}.csv")


customers = read("customers", "customer_id INT, birth_year INT, postcode STRING, email STRING")
accounts = read("accounts", "customer_id INT, balance DOUBLE, card_limit DOUBLE")
payments = read("payments", "customer_id INT, amount DOUBLE, kind STRING")
arrears = read("arrears", "customer_id INT, days_late INT")
applications = read("applications", "application_id INT, customer_id INT, income DOUBLE, requested DOUBLE, defaulted INT")
bureau = read("bureau", "customer_id INT, bureau_score INT")
areas = read("areas", "postcode STRING, median_income DOUBLE")

spent = payments.filter(F.col("kind") == "CARD").groupBy("customer_id").agg(F.sum("amount").alias("card_spend"))
late = arrears.groupBy("customer_id").agg(F.max("days_late").alias("worst_arrears"))
(applications.join(customers, "customer_id").join(accounts, "customer_id").join(bureau, "customer_id")
    .join(areas, "postcode", "left").join(spent, "customer_id", "left").join(late, "customer_id", "left")
    .select(
        "application_id",
        (F.lit(2026) - F.col("birth_year")).alias("age"),
        (F.col("balance") / F.col("card_limit")).alias("utilisation"),
        (F.col("income") / F.col("median_income")).alias("income_vs_area"),
        "bureau_score", "card_spend", "worst_arrears", "defaulted",
    )
    .write.mode("overwrite").parquet("/lake/features/credit"))
spark.stop()
