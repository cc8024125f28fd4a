"""Published tables that ranking methods are checked against."""

import io

import numpy as np
import pandas as pd

_PISA = """Australia 491.3600252 1.939833031
Austria 498.9423138 2.970998694
Belgium 508.0703063 2.262662011
Canada 512.0169429 2.357475749
Chile 417.4065563 2.41588757
Colombia 390.9322732 2.989559274
Czech_Republic 499.4676508 2.460661531
Denmark 509.3983746 1.735002337
Estonia 523.4145802 1.743602224
Finland 507.3013618 1.967920411
France 495.4075794 2.320214487
Germany 500.0437805 2.647083096
Greece 451.3703438 3.091228197
Hungary 481.0826364 2.319596741
Iceland 495.1873762 1.953082603
Ireland 499.632894 2.198621128
Israel 463.0345488 3.498563228
Italy 486.5898573 2.780045867
Japan 526.9732502 2.471475318
Korea 525.933002 3.121394315
Latvia 496.1263306 1.962766789
Lithuania 481.1911884 1.953282039
Luxembourg 483.421485 1.097632409
Mexico 408.8014734 2.493225544
Netherlands 519.2309824 2.632277885
New_Zealand 494.489676 1.705942856
Norway 500.9637885 2.219044878
Poland 515.6478747 2.602085176
Portugal 492.4874062 2.684570081
Slovak_Republic 486.1648542 2.555595707
Slovenia 508.8975441 1.363877596
Spain 481.3926126 1.462417763
Sweden 502.3877022 2.654250935
Switzerland 515.3147131 2.908003898
Turkey 453.5077774 2.260406789
United_Kingdom 501.7698992 2.564428111
United_States 478.2447174 3.235444099
"""
_BATTERS = """Clemente 18 .346
F_Robinson 17 .298
F_Howard 16 .276
Johnstone 15 .222
Berry 14 .273
Spencer 14 .270
Kessinger 13 .263
L_Alvarado 12 .210
Santo 11 .269
Swoboda 11 .230
Unser 10 .264
Williams 10 .256
Scott 10 .303
Petrocelli 10 .264
E_Rodriguez 10 .226
Campaneris 9 .285
Munson 8 .316
Alvis 7 .200
"""


def pisa() -> pd.DataFrame:
    """PISA 2018 mathematics of the 37 OECD countries: mean, se (OECD; as in Mogstad, Romano, Shaikh and Wilhelm, 2024)."""
    return pd.read_csv(io.StringIO(_PISA), sep=" ", names=["country", "mean", "se"], index_col="country")


def batters() -> pd.DataFrame:
    """Efron and Morris' 18 batters of 1970: average of the first 45 at bats, of the rest, and both on the arcsine scale (variance 1)."""
    found = pd.read_csv(io.StringIO(_BATTERS), sep=" ", names=["player", "hits", "rest"], index_col="player")
    found["first"] = found["hits"] / 45
    for name in ("first", "rest"):
        found[f"{name}_arcsine"] = np.sqrt(45) * np.arcsin(2 * found[name] - 1)
    return found
