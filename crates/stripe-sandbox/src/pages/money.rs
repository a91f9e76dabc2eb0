//! Amounts as people read them.

use crate::currency::decimals;

/// An amount in the smallest unit of a currency in Stripe's lower case, such as "$20.00", "¥2,000", "KWD 1.250" or "-€5.00".
pub(crate) fn format_money(amount_minor: i64, currency: &str) -> String {
    let decimals = decimals(currency);
    let unit = 10_u64.pow(decimals);
    let (major, minor) = (amount_minor.unsigned_abs() / unit, amount_minor.unsigned_abs() % unit);
    let sign = if amount_minor < 0 { "-" } else { "" };
    let whole = format!("{sign}{}{}", prefix(currency), grouped(major));
    if decimals == 0 { whole } else { format!("{whole}.{minor:0width$}", width = decimals as usize) }
}

fn prefix(currency: &str) -> String {
    let symbol = match currency {
        "aud" => "A$",
        "brl" => "R$",
        "cad" => "CA$",
        "cny" => "CN¥",
        "eur" => "€",
        "gbp" => "£",
        "hkd" => "HK$",
        "ils" => "₪",
        "inr" => "₹",
        "jpy" => "¥",
        "krw" => "₩",
        "mxn" => "MX$",
        "nzd" => "NZ$",
        "php" => "₱",
        "try" => "₺",
        "twd" => "NT$",
        "usd" => "$",
        "vnd" => "₫",
        _ => return format!("{} ", currency.to_ascii_uppercase()),
    };
    symbol.to_owned()
}

fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::format_money;

    #[test]
    fn an_amount_has_the_decimals_of_its_currency() {
        assert_eq!(format_money(2000, "usd"), "$20.00");
        assert_eq!(format_money(2000, "jpy"), "¥2,000");
        assert_eq!(format_money(1250, "kwd"), "KWD 1.250");
        assert_eq!(format_money(500, "isk"), "ISK 5.00");
    }

    #[test]
    fn an_amount_is_grouped_by_thousands_and_keeps_its_sign() {
        assert_eq!(format_money(123_456_789, "eur"), "€1,234,567.89");
        assert_eq!(format_money(-5, "gbp"), "-£0.05");
        assert_eq!(format_money(99_999, "try"), "₺999.99");
        assert_eq!(format_money(100_000, "krw"), "₩100,000");
        assert_eq!(format_money(0, "chf"), "CHF 0.00");
        assert_eq!(format_money(i64::MIN, "usd"), "-$92,233,720,368,547,758.08");
    }
}
