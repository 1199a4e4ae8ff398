"""The kinds of rules that policies may use: each turns a rule into judgements about subjects."""
