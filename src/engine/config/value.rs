//! Types of configuration values, and what Kafka says of a bad one.

/// The type of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Boolean,
    /// Text.
    Text,
    /// 32 bits.
    Int,
    /// 16 bits.
    Short,
    /// 64 bits.
    Long,
    /// A floating point number.
    Double,
    /// Texts between commas.
    List,
}

impl Kind {
    /// The number that stands for it in DescribeConfigs responses.
    pub fn code(self) -> i8 {
        match self {
            Kind::Boolean => 1,
            Kind::Text => 2,
            Kind::Int => 3,
            Kind::Short => 4,
            Kind::Long => 5,
            Kind::Double => 6,
            Kind::List => 7,
        }
    }
}

/// What a value must be beside its type.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Valid {
    /// Anything.
    Any,
    /// A number not below this.
    AtLeast(i64),
    /// A number from, up to and including these.
    Between(i64, i64),
    /// −1, or a number from, up to and including these (gzip's levels).
    BetweenOrMinusOne(i64, i64),
    /// One of these, separated by commas here. For a list: each of its texts, if it has any.
    OneOf(&'static str),
    /// `*`, or `partition:broker` pairs between commas.
    ThrottledReplicas,
}

/// Checks `value` for the key `name`; says in Kafka's words what is wrong with it.
pub fn check(name: &str, kind: Kind, valid: Valid, value: &str) -> Result<(), String> {
    let text = value.trim();
    match kind {
        Kind::Boolean
            if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") =>
        {
            Ok(())
        }
        Kind::Boolean => Err(invalid(
            name,
            value,
            "Expected value to be either true or false",
        )),
        Kind::Text => check_choice(name, valid, text),
        Kind::List => check_list(name, valid, text),
        Kind::Double => check_double(name, valid, value),
        Kind::Int => check_whole(
            name,
            valid,
            value,
            "INT",
            (i64::from(i32::MIN), i64::from(i32::MAX)),
        ),
        Kind::Short => check_whole(
            name,
            valid,
            value,
            "SHORT",
            (i64::from(i16::MIN), i64::from(i16::MAX)),
        ),
        Kind::Long => check_whole(name, valid, value, "LONG", (i64::MIN, i64::MAX)),
    }
}

/// The texts of a list value.
pub fn list_items(value: &str) -> Vec<&str> {
    let trimmed = value.trim();
    if trimmed.is_empty() {
        return Vec::new();
    }
    trimmed.split(',').map(str::trim).collect()
}

fn invalid(name: &str, value: &str, why: &str) -> String {
    format!("Invalid value {value} for configuration {name}: {why}")
}

fn check_whole(
    name: &str,
    valid: Valid,
    value: &str,
    kind: &str,
    range: (i64, i64),
) -> Result<(), String> {
    let number: Option<i64> = value.trim().parse().ok();
    let Some(number) = number.filter(|n| (range.0..=range.1).contains(n)) else {
        return Err(invalid(
            name,
            value,
            &format!("Not a number of type {kind}"),
        ));
    };
    let shown = number.to_string();
    match valid {
        Valid::AtLeast(low) | Valid::Between(low, _) if number < low => Err(invalid(
            name,
            &shown,
            &format!("Value must be at least {low}"),
        )),
        Valid::Between(_, high) if number > high => Err(invalid(
            name,
            &shown,
            &format!("Value must be no more than {high}"),
        )),
        Valid::BetweenOrMinusOne(low, high) if number != -1 && !(low..=high).contains(&number) => {
            let why = format!("Value must be between {low} and {high} or equal to -1");
            Err(invalid(name, &shown, &why))
        }
        _ => Ok(()),
    }
}

#[inline(never)]
fn check_double(name: &str, valid: Valid, value: &str) -> Result<(), String> {
    let Some(number) = records::decimal::parse(value.trim()) else {
        return Err(invalid(name, value, "Not a number of type DOUBLE"));
    };
    let Valid::Between(low, high) = valid else {
        return Ok(());
    };
    let shown = format!("{number:?}");
    // Whole bounds within i32, so the conversion is exact; a NaN is outside of them, as in Kafka.
    let bound = |whole: i64| f64::from(i32::try_from(whole).unwrap_or(i32::MAX));
    if number < bound(low) {
        return Err(invalid(
            name,
            &shown,
            &format!("Value must be at least {low}"),
        ));
    }
    if number > bound(high) {
        return Err(invalid(
            name,
            &shown,
            &format!("Value must be no more than {high}"),
        ));
    }
    Ok(())
}

fn check_choice(name: &str, valid: Valid, text: &str) -> Result<(), String> {
    let Valid::OneOf(choices) = valid else {
        return Ok(());
    };
    if choices.split(',').any(|choice| choice == text) {
        return Ok(());
    }
    let choices = choices.replace(',', ", ");
    Err(invalid(
        name,
        text,
        &format!("String must be one of: {choices}"),
    ))
}

fn check_list(name: &str, valid: Valid, text: &str) -> Result<(), String> {
    let items = list_items(text);
    match valid {
        Valid::ThrottledReplicas => check_throttled(name, text, &items),
        Valid::OneOf(_) if items.iter().any(|item| item.is_empty()) => {
            Err(format!("Configuration '{name}' values must not be empty."))
        }
        Valid::OneOf(_) => items
            .iter()
            .try_for_each(|item| check_choice(name, valid, item)),
        _ => Ok(()),
    }
}

fn check_throttled(name: &str, text: &str, items: &[&str]) -> Result<(), String> {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_pair = |item: &&str| {
        let pair = item.split_once(':');
        pair.is_some_and(|(partition, broker)| is_number(partition) && is_number(broker))
    };
    if items == ["*"] || items.iter().all(is_pair) {
        return Ok(());
    }
    let why = "must be the literal '*' or a list of replicas in the following format: \
               [partitionId]:[brokerId],[partitionId]:[brokerId],...";
    Err(format!(
        "Invalid value [{}] for configuration {name}: {name} {why}",
        text.replace(',', ", ")
    ))
}
