"""``ceil(x)``."""

from __future__ import annotations

from decimal import Decimal

from featdsl.functions.floor import lower_whole, whole_number
from featdsl.functions.spec import Example, Function
from featdsl.types.dtype import FLOAT, INT, decimal
from featdsl.types.signature import NUMBERS, Parameter

FUNCTION = Function(
    name="ceil",
    meaning=(
        "The smallest whole number that is not less than x. Of an int the int itself, of a "
        "decimal a decimal without digits after the point, of a float a float."
    ),
    parameters=(Parameter(name="x", accepts=NUMBERS),),
    returns=whole_number,
    lower=lambda inputs: lower_whole("ceil", inputs),
    keeps_unit=True,
    words="{0} rounded up",
    examples=(
        Example(args=(-1.5,), result=-1.0, dtypes=(FLOAT,)),
        Example(args=(Decimal("-1.50"),), result=Decimal("-1"), dtypes=(decimal(3, 2),)),
        Example(args=(Decimal("1.01"),), result=Decimal("2"), dtypes=(decimal(3, 2),)),
        Example(args=(Decimal("9.99"),), result=Decimal("10"), dtypes=(decimal(3, 2),)),
        Example(args=(2**63 - 1,), result=2**63 - 1, dtypes=(INT,)),
        Example(args=(None,), result=None, dtypes=(FLOAT,)),
    ),
)
