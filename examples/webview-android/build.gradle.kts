// From version 9 on, the Android plugin compiles Kotlin itself.
plugins {
    id("com.android.application") version "9.0.0" apply false
}
