//! One request to an endpoint, taken apart.

use serde::de::DeserializeOwned;

use super::{ApiError, expand, form::Form, page::PageParams, read::read, routes::Route};

const MOST_EXPANSIONS: usize = 20;

#[derive(Debug)]
pub struct Call {
    pub path: String,
    pub(super) ids: Vec<(String, String)>,
    pub(super) form: Form,
    pub(super) page: PageParams,
    pub expand: Vec<String>,
}

impl Call {
    /// # Errors
    ///
    /// `expand` or page parameters that are malformed, or a path to expand that leads to nothing.
    pub fn new(
        path: &str,
        route: Route,
        ids: Vec<(String, String)>,
        mut form: Form,
    ) -> Result<Self, ApiError> {
        let expand: Vec<String> = match form.take("expand") {
            None => Vec::new(),
            Some(Form::Text(text)) if text.is_empty() => Vec::new(),
            Some(paths) => read(paths)
                .map_err(|_| ApiError::invalid("Invalid expand: a list is wanted.").about("expand"))?,
        };
        if expand.len() > MOST_EXPANSIONS {
            return Err(ApiError::invalid(format!("At most {MOST_EXPANSIONS} properties can be expanded."))
                .about("expand"));
        }
        expand.iter().try_for_each(|path| expand::check(route.answers, route.is_list, path))?;
        let page = if route.is_list { read(page_params(&mut form))? } else { PageParams::default() };
        Ok(Self { path: path.to_owned(), ids, form, page, expand })
    }

    /// A part of the path, such as the `customer` of `/v1/customers/{customer}`.
    pub fn id(&self, name: &str) -> &str {
        self.ids.iter().find(|(known, _)| known == name).map_or("", |(_, id)| id)
    }

    /// The parameters. What is not among the fields of `P` is refused.
    ///
    /// # Errors
    ///
    /// A parameter that is unknown, missing or of the wrong type, by name.
    pub fn params<P: DeserializeOwned>(&mut self) -> Result<P, ApiError> {
        read(std::mem::take(&mut self.form))
    }

    /// For an endpoint without parameters.
    ///
    /// # Errors
    ///
    /// Any parameter at all.
    pub fn no_params(&mut self) -> Result<(), ApiError> {
        self.params::<NoParams>().map(drop)
    }
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct NoParams {}

fn page_params(form: &mut Form) -> Form {
    let names = ["limit", "starting_after", "ending_before"];
    Form::Map(names.into_iter().filter_map(|name| Some((name.to_owned(), form.take(name)?))).collect())
}
