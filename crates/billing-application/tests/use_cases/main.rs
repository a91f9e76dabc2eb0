//! Every use case over generated doubles of its ports, through the crate's public API.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking")]

mod apps {
    mod create_app;
    mod update_app;
}
mod catalog {
    mod add_price;
    mod archive_plan;
    mod archive_price;
    mod attach_feature;
    mod create_feature;
    mod create_plan;
    mod delete_feature;
    mod detach_feature;
    mod update_feature;
    mod update_plan;
}
mod change;
mod disable_billing;
mod enable_billing;
mod golden;
mod guard_model;
mod prelude;
mod retention;
mod reads {
    mod apps;
    mod audit_log;
    mod catalog;
    mod export;
    mod gate;
    mod paging;
    mod payer;
    mod revenue;
}
mod sales {
    mod act_on_invoice;
    mod cancel_subscription;
    mod change_plan;
    mod change_trial;
    mod checkout;
    mod checkout_rules;
    mod drift;
    mod duplicates;
    mod end_checkout_link;
    mod follow_plan;
    mod gone_at_stripe;
    mod many_customers;
    mod mixed_modes;
    mod old_calls;
    mod payment_method_link;
    mod preflight;
    mod refund_invoice;
    mod resume_subscription;
    mod sync;
}
mod testing;
mod unplaced;
mod webhooks;
mod worker;
mod worker_outage;
mod worker_priority;
mod worker_replay;
mod workspace_subscription;
