# trains a credit model on 4 features
