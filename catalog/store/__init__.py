"""Where facts live: a narrow contract (`port`), the algorithm of claims (`claims`), the log (`log`), and the stores behind them."""
