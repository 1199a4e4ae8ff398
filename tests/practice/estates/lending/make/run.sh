#!/bin/sh
# run.sh WORK SPARK JARS ML GX: features by Spark 3.5.9 with openlineage-spark 1.53.0, then the model by MLflow. Everything on loopback.
set -e
WORK=$1 SPARK=$2 JARS=$3 ML=$4 GX=$5
here=$(cd "$(dirname "$0")" && pwd)
export SPARK_USER=etl SPARK_LOCAL_IP=127.0.0.1 SPARK_LOCAL_HOSTNAME=spark.bank.example PYSPARK_PYTHON=$SPARK/bin/python
SPARK_HOME=$("$SPARK/bin/python" -c 'import pyspark,os;print(os.path.dirname(pyspark.__file__))')
export SPARK_HOME
mkdir -p "$WORK" && rm -f "$WORK/events.ndjson" && touch "$WORK/events.ndjson"
"$SPARK/bin/python" "$here/inputs.py"
"$SPARK_HOME/bin/spark-submit" --master 'local[1]' --driver-memory 1g --conf spark.driver.host=127.0.0.1 --conf spark.driver.bindAddress=127.0.0.1 \
  --conf spark.ui.enabled=false --conf spark.sql.shuffle.partitions=1 --jars "$JARS/openlineage-spark_2.12-1.53.0.jar" \
  --conf spark.extraListeners=io.openlineage.spark.agent.OpenLineageSparkListener --conf spark.openlineage.namespace=bank-spark \
  --conf spark.openlineage.transport.type=file --conf spark.openlineage.transport.location="$WORK/events.ndjson" \
  "$here/features.py"
"$ML/bin/python" -W ignore "$here/make.py" "$WORK" "$GX/bin"
