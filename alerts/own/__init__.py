"""What people measure beside the catalogue: tickers, and indicators made of others.

`formula` reads an expression, `tickers` are prices and market values of any American symbol,
`derived` makes an indicator of a formula, `listing` knows them all.
"""
