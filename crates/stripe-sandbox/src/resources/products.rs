//! What is sold.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::prices::{NewPrice, Price};
use crate::{
    clock::Timestamp,
    store::{Resource, Tx, stored_as},
    wire::{
        Answer, ApiError, Call, Metadata, Patch, Range, Reply, Routes,
        checks::under,
        values::{merge_metadata, new_metadata},
    },
};

const MOST_FEATURES: usize = 15;
const LONGEST_FEATURE: usize = 80;
const MOST_IMAGES: usize = 8;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Product {
    pub id: String,
    pub created: Timestamp,
    pub updated: Timestamp,
    pub name: String,
    pub description: Option<String>,
    pub is_active: bool,
    pub default_price: Option<String>,
    pub metadata: Metadata,
    pub statement_descriptor: Option<String>,
    pub unit_label: Option<String>,
    pub url: Option<String>,
    #[serde(default)]
    pub marketing_features: Vec<Feature>,
    #[serde(default)]
    pub images: Vec<String>,
}

/// What a pricing table says of a product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feature {
    pub name: String,
}

impl Resource for Product {
    stored_as!(Product);

    fn render(&self, _tx: &Tx<'_>) -> Value {
        json!({
            "id": self.id,
            "object": "product",
            "active": self.is_active,
            "created": self.created,
            "default_price": self.default_price,
            "description": self.description,
            "images": self.images,
            "livemode": false,
            "marketing_features": self.marketing_features,
            "metadata": self.metadata,
            "name": self.name,
            "package_dimensions": null,
            "shippable": null,
            "statement_descriptor": self.statement_descriptor,
            "tax_code": null,
            "tax_details": null,
            "type": "service",
            "unit_label": self.unit_label,
            "updated": self.updated,
            "url": self.url,
        })
    }
}

impl Product {
    pub fn new(tx: &mut Tx<'_>, id: Option<String>, name: String) -> Result<Self, ApiError> {
        if name.trim().is_empty() {
            return Err(ApiError::invalid("A product must have a name.")
                .about("name")
                .coded("parameter_invalid_empty"));
        }
        let id = super::chosen_id::<Self>(tx, id, "prod_")?;
        Ok(Self {
            id,
            created: tx.now(None),
            updated: tx.now(None),
            name,
            description: None,
            is_active: true,
            default_price: None,
            metadata: Metadata::new(),
            statement_descriptor: None,
            unit_label: None,
            url: None,
            marketing_features: Vec::new(),
            images: Vec::new(),
        })
    }
}

/// A product that is made where it is needed.
pub struct NewProduct {
    pub id: Option<String>,
    pub name: String,
    pub description: Option<String>,
    pub metadata: Option<Metadata>,
}

impl NewProduct {
    /// # Errors
    ///
    /// A name, id or metadata that cannot be.
    pub fn create(self, tx: &mut Tx<'_>) -> Result<Product, ApiError> {
        let (description, metadata) = (self.description, new_metadata(self.metadata)?);
        let product = Product { description, metadata, ..Product::new(tx, self.id, self.name)? };
        tx.create(&product, "product.created");
        Ok(product)
    }

    /// The product with this id, or `new`. `param` is what both came under, if under anything.
    ///
    /// # Errors
    ///
    /// Neither or both of them, or one that cannot be.
    pub fn or_named(
        tx: &mut Tx<'_>,
        id: Option<&str>,
        new: Option<Self>,
        param: &str,
    ) -> Result<Product, ApiError> {
        match (id, new) {
            (Some(id), None) => tx.named::<Product>(&under(param, "product"), id),
            (None, Some(new)) => new.create(tx),
            (None, None) => Err(ApiError::missing_param(&under(param, "product"))),
            (Some(_), Some(_)) => {
                let message = "Give `product` or `product_data`, not both.";
                Err(ApiError::invalid(message).about(&under(param, "product_data")))
            }
        }
    }
}

pub fn routes(routes: &mut Routes) {
    routes.list("/v1/products", list);
    routes.post("/v1/products", create);
    routes.get("/v1/products/{product}", retrieve);
    routes.post("/v1/products/{product}", update);
    routes.delete("/v1/products/{product}", delete);
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ListProducts {
    active: Option<bool>,
    created: Option<Range>,
    ids: Option<Vec<String>>,
    url: Option<String>,
}

fn list(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: ListProducts = call.params()?;
    let wanted = |product: &&Product| {
        params.active.is_none_or(|active| product.is_active == active)
            && params.created.is_none_or(|range| range.holds(product.created))
            && params.ids.as_ref().is_none_or(|ids| ids.contains(&product.id))
            && params.url.as_ref().is_none_or(|url| product.url.as_ref() == Some(url))
    };
    call.page_of(tx, tx.newest_first::<Product>().filter(wanted))
}

fn retrieve(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    Ok(Answer::object(&tx.get::<Product>(call.id("product"))?))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CreateProduct {
    id: Option<String>,
    name: String,
    active: Option<bool>,
    description: Option<String>,
    metadata: Option<Metadata>,
    statement_descriptor: Option<String>,
    unit_label: Option<String>,
    url: Option<String>,
    default_price_data: Option<NewPrice>,
    marketing_features: Option<Vec<Feature>>,
    images: Option<Vec<String>>,
}

fn create(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let params: CreateProduct = call.params()?;
    let mut product = Product::new(tx, params.id, params.name)?;
    product.is_active = params.active.unwrap_or(true);
    product.description = params.description;
    product.metadata = new_metadata(params.metadata)?;
    product.statement_descriptor = params.statement_descriptor;
    product.unit_label = params.unit_label;
    product.url = params.url;
    product.marketing_features = checked_features(params.marketing_features.unwrap_or_default())?;
    product.images = checked_images(params.images.unwrap_or_default())?;
    tx.put(product.clone());
    let price = match params.default_price_data {
        None => None,
        Some(data) => Some(Price::new(tx, data, &product.id, "default_price_data")?),
    };
    product.default_price = price.as_ref().map(|price| price.id.clone());
    tx.create(&product, "product.created");
    if let Some(price) = price {
        price.announce(tx);
    }
    Ok(Answer::object(&product))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UpdateProduct {
    name: Option<String>,
    active: Option<bool>,
    #[serde(default)]
    description: Patch<String>,
    #[serde(default)]
    default_price: Patch<String>,
    #[serde(default)]
    metadata: Patch<Metadata>,
    #[serde(default)]
    statement_descriptor: Patch<String>,
    #[serde(default)]
    unit_label: Patch<String>,
    #[serde(default)]
    url: Patch<String>,
    #[serde(default)]
    marketing_features: Patch<Vec<Feature>>,
    #[serde(default)]
    images: Patch<Vec<String>>,
}

fn update(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    let mut product = tx.get::<Product>(call.id("product"))?;
    let params: UpdateProduct = call.params()?;
    if let Some(name) = params.name {
        product.name = name;
    }
    product.is_active = params.active.unwrap_or(product.is_active);
    params.description.apply(&mut product.description);
    params.statement_descriptor.apply(&mut product.statement_descriptor);
    params.unit_label.apply(&mut product.unit_label);
    params.url.apply(&mut product.url);
    match params.marketing_features {
        Patch::Keep => {}
        Patch::Clear => product.marketing_features.clear(),
        Patch::Set(features) => product.marketing_features = checked_features(features)?,
    }
    match params.images {
        Patch::Keep => {}
        Patch::Clear => product.images.clear(),
        Patch::Set(images) => product.images = checked_images(images)?,
    }
    if let Patch::Set(price) = &params.default_price
        && Price::present(tx, "default_price", price)?.product != product.id
    {
        let message = format!("The price '{price}' is of another product.");
        return Err(ApiError::invalid(message).about("default_price"));
    }
    params.default_price.apply(&mut product.default_price);
    merge_metadata(&mut product.metadata, params.metadata)?;
    product.updated = tx.now(None);
    tx.update(&product, "product.updated");
    Ok(Answer::object(&product))
}

fn checked_features(features: Vec<Feature>) -> Result<Vec<Feature>, ApiError> {
    if features.len() > MOST_FEATURES {
        let message = format!("A product may have at most {MOST_FEATURES} marketing features.");
        return Err(ApiError::invalid(message).about("marketing_features"));
    }
    let wrong = |feature: &Feature| !(1..=LONGEST_FEATURE).contains(&feature.name.chars().count());
    if let Some(index) = features.iter().position(wrong) {
        let message = format!("A marketing feature must have 1 to {LONGEST_FEATURE} characters.");
        return Err(ApiError::invalid(message).about(&format!("marketing_features[{index}][name]")));
    }
    Ok(features)
}

fn checked_images(images: Vec<String>) -> Result<Vec<String>, ApiError> {
    if images.len() > MOST_IMAGES {
        let message = format!("A product may have at most {MOST_IMAGES} images.");
        return Err(ApiError::invalid(message).about("images"));
    }
    Ok(images)
}

fn delete(tx: &mut Tx<'_>, call: &mut Call) -> Reply {
    call.no_params()?;
    let product = tx.get::<Product>(call.id("product"))?;
    if tx.newest_first::<Price>().any(|price| price.product == product.id && !price.is_deleted) {
        let message = "This product cannot be deleted because it has one or more user-created prices.";
        return Err(ApiError::invalid(message).about("id"));
    }
    tx.emit("product.deleted", &product);
    tx.remove::<Product>(&product.id);
    Ok(Answer::deleted("product", &product.id))
}
